using Unroll.Autograd;
using Unroll.Basics;
using Unroll.Kernels.Attention;
using Unroll.Kernels.Layouts;
using Unroll.Kernels.Sequences;
using Unroll.Tensors;

namespace Unroll.Ops;

/// <summary>How tensors take part in attention: where their rows lie, and which sequence meets which.</summary>
internal static unsafe class AttentionSides
{
    /// <summary>A tensor [B, T, heads · width] to be read.</summary>
    public static AttentionSide Read(Tape tape, Tensor x, int heads = 1) => Of(x, tape.Read(x), heads);

    /// <summary>The gradient of such a tensor to be read.</summary>
    public static AttentionSide ReadGradient(Tape tape, Tensor x) => Of(x, tape.Gradient(x), 1);

    /// <summary>The values of a new tensor to be written.</summary>
    public static AttentionSide Write(Tape tape, Tensor x)
    {
        AttentionSide side = Of(x, null, 1);
        side.Gradient = tape.Read(x);
        side.IsFirst = true;
        return side;
    }

    /// <summary>The gradient of a tensor to be added to; null where nobody needs it.</summary>
    public static AttentionSide AddGradient(Tape tape, Tensor x)
    {
        AttentionSide side = Of(x, null, 1);
        side.Gradient = tape.Gradient(x, out side.IsFirst);
        return side;
    }

    /// <summary>Arguments of a product between queries, keys and their matrix; the target is the one that is written.</summary>
    public static AttentionArguments Pairs(Tape tape, in AttentionSide queries, in AttentionSide keys, in AttentionSide matrix, float scale) => new()
    {
        Queries = queries,
        Keys = keys,
        Values = keys,
        Matrix = matrix,
        Heads = 1,
        Scale = scale,
        KeyPlaces = Places(tape, in queries.Rows, in keys.Rows),
    };

    /// <summary>For each place of a sequence among the queries, its place among the keys; alive until the tape's reset.</summary>
    public static int* Places(Tape tape, in SequenceRows queries, in SequenceRows keys)
    {
        int batch = queries.Batch;
        int* places = (int*)tape.Scratch(2L * batch), placeOf = places + batch; // by the sequence's number
        for (int place = 0; place < batch; place++) placeOf[keys.Sequence(place)] = place;
        for (int place = 0; place < batch; place++) places[place] = placeOf[queries.Sequence(place)];
        return places;
    }

    /// <summary>Lets the queries of a matrix see a window alone.</summary>
    /// <exception cref="ArgumentException">Centres that are not one a query.</exception>
    public static void See(Tape tape, in AttentionWindow window, Tensor matrix, ref AttentionArguments arguments)
    {
        (arguments.HasWindow, arguments.Radius, arguments.FirstQuery) = (true, window.Radius, window.FirstQuery);
        if (window.Centres.IsDefault) return;
        RequireCentres(matrix, window.Centres);
        arguments.Centres = tape.Read(window.Centres);
    }

    /// <exception cref="ArgumentException">Not one number a query.</exception>
    public static void RequireCentres(Tensor matrix, Tensor centres)
    {
        bool same = centres.Layout is { } layout ? matrix.Layout is { } other && layout.SameAs(other) : matrix.Layout is null;
        if (!same || centres.Shape != matrix.Shape.With(2, 1))
            throw new ArgumentException($"Attention: expected one centre a query, {matrix.Shape.With(2, 1)} with the queries' lengths, received {centres.Shape}.");
    }

    /// <summary>Refuses a matrix of weights or scores that does not fit the keys.</summary>
    /// <exception cref="ArgumentException">Not [B, Tq, Tk] with the keys' B and Tk.</exception>
    public static void RequireMatrix(string title, Tensor matrix, Tensor keys)
    {
        Shape m = matrix.Shape, k = keys.Shape;
        if (m.Rank != 3 || k.Rank != 3 || m[0] != k[0] || m[2] != k[1])
            throw new ArgumentException($"{title}: expected one number a query and key, [B, Tq, Tk], for keys [B, Tk, F], received {m} and {k}.");
    }

    private static AttentionSide Of(Tensor x, float* values, int heads) => new()
    {
        Values = values,
        Rows = new SequenceRows(x.Layout, x.Shape[0], x.Shape[1]),
        Width = x.Features / heads,
        RowStride = x.Features,
    };
}
