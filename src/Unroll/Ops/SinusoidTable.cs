using Unroll.Kernels.Scalars;
using Unroll.Tensors;

namespace Unroll.Ops;

/// <summary>Which columns of a <see cref="SinusoidTable"/> hold sines and cosines.</summary>
internal enum SinusoidOrder
{
    /// <summary>Sine and cosine of an angle side by side, as in Vaswani et al. 2017.</summary>
    Pairs,

    /// <summary>All cosines, then all sines, as a kernel reads them that turns one half of the columns against the other.</summary>
    Halves,
}

/// <summary>
/// sin(p · base^(−2i / F)) and cos of the same for positions p and i below F / 2, a row of F numbers each position. It grows by doubling; any thread
/// may read.
/// </summary>
internal sealed unsafe class SinusoidTable(int features, double @base, SinusoidOrder order)
{
    private const int LeastRows = 64;

    private readonly Lock _growing = new();
    private readonly List<NativeBlock> _outgrown = []; // others may still read there
    private NativeBlock? _rows;
    private int _count;

    /// <summary>F.</summary>
    public int Features => features;

    /// <summary>The rows of positions 0 to <paramref name="count"/> − 1; they stay as long as the table.</summary>
    public float* Rows(int count)
    {
        lock (_growing)
        {
            if (_rows is not null && count <= _count) return _rows.Pointer;
            if (_rows is not null) _outgrown.Add(_rows);
            int grown = Math.Max(count, Math.Max(LeastRows, 2 * _count));
            var rows = new NativeBlock(checked(grown * features));
            for (int position = 0; position < grown; position++) Fill(position, rows.Pointer + (nint)position * features);
            (_rows, _count) = (rows, grown);
            return rows.Pointer;
        }
    }

    private void Fill(int position, float* row)
    {
        double logarithm = ScalarMath.Log(@base);
        for (int i = 0; 2 * i < features; i++)
        {
            (double sine, double cosine) = ScalarMath.SineAndCosine(position * ScalarMath.Exp(-2.0 * i / features * logarithm));
            (int ofSine, int ofCosine) = order == SinusoidOrder.Pairs ? (2 * i, 2 * i + 1) : (features / 2 + i, i);
            row[ofSine] = (float)sine;
            if (ofCosine < features) row[ofCosine] = (float)cosine;
        }
    }
}
