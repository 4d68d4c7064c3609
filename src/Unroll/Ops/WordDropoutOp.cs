using Unroll.Autograd;
using Unroll.Basics;
using Unroll.Kernels.Layouts;
using Unroll.Tensors;

namespace Unroll.Ops;

/// <summary>
/// Ids of which each becomes the unknown one with probability <c>rate</c> (Iyyer et al. 2015; Bowman et al. 2016). No
/// gradient flows to ids. An id's fate follows from the stream and its sequence and step alone.
/// </summary>
internal static unsafe class WordDropoutOp
{
    /// <param name="tape">Where the result is made.</param>
    /// <param name="ids">[B, T], dense or packed by time.</param>
    /// <param name="rate">The share replaced, in [0, 1).</param>
    /// <param name="unknown">What replaces them.</param>
    /// <param name="kept">An id that is never replaced (padding), or null.</param>
    /// <param name="stream">Seed, name and step of the draws.</param>
    public static Tensor Of(Tape tape, Tensor ids, float rate, int unknown, int? kept, in RandomStream stream)
    {
        Tensor result = tape.NewLike(ids);
        float* from = tape.Read(ids), to = tape.Read(result);
        int steps = ids.Shape.Rank < 2 ? 1 : Math.Max(1, ids.Shape[1]);
        SequenceLayout? layout = ids.Layout;
        for (int n = 0, step = 0; n < ids.StoredLength; n++)
        {
            int row = n / steps, time = n % steps;
            if (layout is not null)
            {
                while (n >= layout.Offset(step + 1)) step++;
                (row, time) = (layout.Order[n - layout.Offset(step)], step);
            }
            bool replaced = from[n] != kept && stream.Uniform(SequenceDraws.First(row) + time) < rate;
            to[n] = replaced ? unknown : from[n];
        }
        return result;
    }
}
