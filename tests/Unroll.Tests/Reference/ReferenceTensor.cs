namespace Unroll.Tests.Reference;

/// <summary>Numbers in double precision, batch first and padded; where there are lengths, later steps are padding.</summary>
internal sealed class ReferenceTensor(int[] shape, double[] values, int[]? lengths = null)
{
    public int[] Shape { get; } = shape;

    public double[] Values { get; } = values;

    public int[]? Lengths { get; } = lengths;

    /// <summary>The last axis; 1 for a single number.</summary>
    public int Features => Shape.Length == 0 ? 1 : Shape[^1];

    public int Rows => Features == 0 ? 0 : Values.Length / Features;

    public static ReferenceTensor Zeros(int[] shape, int[]? lengths = null) =>
        new(shape, new double[shape.Aggregate(1, (a, b) => a * b)], lengths);

    /// <summary>Whether the number at a flat index lies in a real step.</summary>
    public bool IsReal(int index)
    {
        if (Lengths is null) return true;
        int step = Shape.Skip(2).Aggregate(1, (a, b) => a * b), sequence = step * Shape[1];
        return index % sequence / step < Lengths[index / sequence];
    }

    /// <summary>How many numbers lie in real steps.</summary>
    public int RealCount => Enumerable.Range(0, Values.Length).Count(IsReal);

    /// <summary>f of each real number; zero in the padding.</summary>
    public ReferenceTensor Map(Func<double, double> f) => MapIndexed((_, x) => f(x));

    /// <summary>f of each real number and its flat index; zero in the padding.</summary>
    public ReferenceTensor MapIndexed(Func<int, double, double> f) =>
        new(Shape, [.. Values.Select((x, i) => IsReal(i) ? f(i, x) : 0)], Lengths);

    /// <summary>f of each row of features, padding rows left zero.</summary>
    public ReferenceTensor MapRows(Func<double[], double[]> f)
    {
        var result = new double[Values.Length];
        for (int row = 0; row < Rows; row++)
            if (IsReal(row * Features)) f(Values[(row * Features)..((row + 1) * Features)]).CopyTo(result, row * Features);
        return new ReferenceTensor(Shape, result, Lengths);
    }
}
