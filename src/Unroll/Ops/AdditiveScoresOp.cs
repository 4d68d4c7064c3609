using Unroll.Autograd;
using Unroll.Basics;
using Unroll.Kernels.Attention;
using Unroll.Kernels.Layouts;
using Unroll.Tensors;

namespace Unroll.Ops;

/// <summary>
/// The additive score of every query with every real key of its sequence (Bahdanau et al. 2015, arXiv 1409.0473, appendix A.1.2), with
/// features of the keys added inside the tanh (Chorowski et al. 2015, arXiv 1506.07503, equation 9; See et al. 2017, arXiv 1704.04368,
/// equation 11): s_ij = Σ_u v_u h_iju, h_iju = tanh(q_iu + k_ju + Σ_c f_jc w_cu), zeros past the keys. With g_iju = ds_ij v_u (1 − h_iju²):
/// dq_iu += Σ_j g_iju, dk_ju += Σ_i g_iju, df_jc += Σ_iu g_iju w_cu, dw_cu += Σ_ij f_jc g_iju, dv_u += Σ_ij ds_ij h_iju.
/// </summary>
internal static unsafe class AdditiveScoresOp
{
    /// <param name="tape">Where the result is made.</param>
    /// <param name="queries">[B, Tq, U], with lengths or without.</param>
    /// <param name="keys">[B, Tk, U], with lengths or without.</param>
    /// <param name="direction">v [U].</param>
    /// <param name="features">f [B, Tk, C] with the keys' lengths, or none.</param>
    /// <param name="kernel">w [C, U], row-major, where there are features.</param>
    /// <returns>[B, Tq, Tk], with the queries' lengths.</returns>
    /// <exception cref="ArgumentException">Shapes that do not meet.</exception>
    public static Tensor Of(Tape tape, Tensor queries, Tensor keys, Parameter direction, Tensor features = default, Parameter? kernel = null)
    {
        Require(queries, keys, direction, features, kernel);
        bool hasFeatures = !features.IsDefault;
        bool needs = tape.Needs(queries) || tape.Needs(keys) || tape.Needs(direction) || (hasFeatures && (tape.Needs(features) || tape.Needs(kernel)));
        Tensor y = tape.New(queries.Shape.With(2, keys.Shape[1]), queries.Layout, needs);
        AttentionArguments arguments = AttentionSides.Pairs(tape, AttentionSides.Read(tape, queries), AttentionSides.Read(tape, keys), AttentionSides.Write(tape, y), 1f);
        arguments.Direction = tape.Read(direction);
        if (hasFeatures)
        {
            arguments.Features = AttentionSides.Read(tape, features);
            arguments.FeatureKernel = tape.Read(kernel!);
        }
        AdditiveScores.Run(in arguments);
        if (needs)
        {
            Node node = tape.Record<Node>();
            (node.Queries, node.Keys, node.Features, node.Y, node.Direction, node.Kernel, node.Arguments) = (queries, keys, features, y, direction, kernel, arguments);
        }
        return y;
    }

    private static void Require(Tensor queries, Tensor keys, Parameter direction, Tensor features, Parameter? kernel)
    {
        Shape q = queries.Shape, k = keys.Shape;
        if (q.Rank != 3 || k.Rank != 3 || q[0] != k[0] || q[2] != k[2] || direction.Count != q[2])
            throw new ArgumentException($"AdditiveScores: expected queries [B, Tq, U], keys [B, Tk, U] and a direction [U], received {q}, {k} and {direction.Shape}.");
        if (features.IsDefault) return;
        bool same = features.Layout is { } layout ? keys.Layout is { } other && layout.SameAs(other) : keys.Layout is null;
        if (!same || features.Shape.Rank != 3 || features.Shape != k.With(2, features.Features) || kernel?.Shape != new Shape(features.Features, k[2]))
            throw new ArgumentException($"AdditiveScores: expected features [B, Tk, C] with the lengths of the keys {k} and a kernel [C, U], received {features.Shape} and {kernel?.Shape}.");
    }

    private sealed class Node : Autograd.Node
    {
        public Tensor Queries, Keys, Features, Y;
        public Parameter Direction = null!;
        public Parameter? Kernel;
        public AttentionArguments Arguments;

        public override void Backward(Tape tape)
        {
            if (!Tape.HasGradient(Y)) return;
            AttentionArguments arguments = Arguments;
            arguments.Matrix = AttentionSides.ReadGradient(tape, Y);
            arguments.Queries.Gradient = tape.Gradient(Queries, out arguments.Queries.IsFirst);
            arguments.Keys.Gradient = tape.Gradient(Keys, out arguments.Keys.IsFirst);
            int pairs = arguments.Pairs, units = Keys.Features, count = arguments.Features.Width;
            if (count > 0) arguments.Features.Gradient = tape.Gradient(Features, out arguments.Features.IsFirst);
            arguments.DirectionGradients = tape.Scratch((long)pairs * (1 + count) * units);
            AdditiveScores.Slope.Run(in arguments);
            float* direction = Tape.Gradient(Direction), kernel = count > 0 ? Tape.Gradient(Kernel!) : null;
            for (int pair = 0; pair < pairs; pair++)
            {
                float* sums = arguments.DirectionGradients + (nint)pair * (1 + count) * units;
                if (direction != null) RowCopy.Add(sums, direction, units);
                if (kernel != null) RowCopy.Add(sums + units, kernel, count * units);
            }
        }

        public override void Clear()
        {
            Queries = Keys = Features = Y = default;
            Direction = null!;
            Kernel = null;
            Arguments = default;
        }
    }
}
