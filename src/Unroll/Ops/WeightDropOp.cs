using Unroll.Autograd;
using Unroll.Basics;
using Unroll.Kernels;
using Unroll.Kernels.Elementwise;
using Unroll.Kernels.Simd;
using Unroll.Kernels.Threading;
using Unroll.Tensors;

namespace Unroll.Ops;

/// <summary>
/// DropConnect on a weight matrix (Wan et al. 2013; Merity et al. 2017, section 2): a second parameter holds w' = m · w with
/// one mask for a whole pass, each weight 0 with probability <c>rate</c> and divided by 1 − rate otherwise. What the rest of
/// the pass computes from w' is as fast as from w; dw += m · dw'.
/// </summary>
internal static unsafe class WeightDropOp
{
    /// <summary>What an element's draw is worth in operations of a product.</summary>
    private const double OperationsOfDraw = 64;

    /// <param name="tape">Where the pass is recorded. Call this before w' is read on it.</param>
    /// <param name="source">w.</param>
    /// <param name="dropped">w', of the same shape and panels; its values are replaced and its gradient is taken away.</param>
    /// <param name="rate">The share dropped, in [0, 1).</param>
    /// <param name="stream">Seed, name and step; a weight's draw is that of its place in memory.</param>
    public static void Apply(Tape tape, Parameter source, Parameter dropped, float rate, in RandomStream stream)
    {
        float* mask = tape.Scratch(source.StorageLength);
        var work = new Masked { Stream = stream, Rate = rate, Mask = mask, From = tape.Read(source), To = tape.Read(dropped), Length = source.StorageLength };
        ThreadTeam.Run(work, TeamParts.For(OperationsOfDraw * source.StorageLength));
        dropped.MarkChanged();
        dropped.Trainable = source.Trainable;
        if (!tape.Needs(source)) return;
        Node node = tape.Record<Node>();
        (node.Source, node.Dropped) = (source, dropped);
        node.Mask = mask;
    }

    private struct Masked : ITeamWork
    {
        private const int Unit = 1024;

        public RandomStream Stream;
        public float Rate;
        public float* Mask, From, To;
        public int Length;

        public readonly void Part(int part, int parts)
        {
            (int first, int end) = TeamParts.Range(part, parts, Length, Unit);
            RandomFill.KeepMask(in Stream, first, Rate, new Span<float>(Mask + first, end - first));
            Map.Run(new MultiplyMap(), Mask + first, From + first, To + first, end - first);
        }
    }

    private sealed class Node : Autograd.Node
    {
        public Parameter Source = null!, Dropped = null!;
        public float* Mask;

        public override void Backward(Tape tape)
        {
            float* to = Tape.Gradient(Source);
            if (to == null || !Dropped.HasGradients) return;
            Map.Run(new MultiplyAddMap(), Mask, Dropped.Gradients, to, to, Source.StorageLength);
            Dropped.ClearGradient();
        }

        public override void Clear()
        {
            Source = Dropped = null!;
            Mask = null;
        }
    }
}
