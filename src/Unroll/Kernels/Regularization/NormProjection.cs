using System.Runtime.CompilerServices;
using Unroll.Kernels.Elementwise;
using Unroll.Kernels.Layouts;
using Unroll.Kernels.Reductions;
using Unroll.Kernels.Simd;
using Unroll.Kernels.Threading;

namespace Unroll.Kernels.Regularization;

/// <summary>
/// Brings the norms of vectors between two bounds: one whose norm n is outside becomes w·d / (n + 1e-7), where
/// d = rate·(n, cut to the bounds) + (1 − rate)·n. One within them keeps its bits, and so does one of zeros.
/// </summary>
internal readonly unsafe struct NormProjection(float minimum, float maximum, float rate)
{
    private const float Guard = 1e-7f; // Keras's

    private readonly float _minimum = minimum, _maximum = maximum, _rate = rate;

    /// <summary>Every column of a matrix in panels; a lane is a column, so its sum has one order whatever the vectors.</summary>
    public void Columns(PanelLayout panels, float* values)
    {
        int group = panels.Rows * PanelLayout.GroupSize;
        if (group == 0) return;
        TeamKernel.Run<ColumnsKernel, Arguments>(
            new Arguments(this, values, panels.Rows), panels.StorageLength / group, 1, 2 * panels.StorageLength * TeamKernel.OperationsOfElement);
    }

    /// <summary>Every row of a row-major [rows, width].</summary>
    public void Rows(float* values, int rows, int width) =>
        TeamKernel.Run<RowsKernel, Arguments>(new Arguments(this, values, width), rows, 1, 2.0 * rows * width * TeamKernel.OperationsOfElement);

    /// <summary>All numbers as one vector.</summary>
    public void Whole(float* values, int length)
    {
        float factor = Factor<SimdScalar, float>((float)Math.Sqrt(SumOfSquares.Of(values, length)));
        if (factor != 1) Map.Run(new ScaleMap(factor, -0f), values, values, length);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private TVector Factor<TSimd, TVector>(TVector norm) where TSimd : struct, ISimd<TVector> where TVector : unmanaged
    {
        TVector low = TSimd.Broadcast(_minimum), high = TSimd.Broadcast(_maximum);
        TVector isLow = TSimd.LessThan(norm, low), isHigh = TSimd.LessThan(high, norm);
        TVector bound = TSimd.Select(isLow, low, high);
        TVector wanted = TSimd.MultiplyAdd(TSimd.Broadcast(_rate), bound, TSimd.Multiply(TSimd.Broadcast(1 - _rate), norm));
        TVector factor = TSimd.Divide(wanted, TSimd.Add(norm, TSimd.Broadcast(Guard)));
        return TSimd.Select(TSimd.BitwiseOr(isLow, isHigh), factor, TSimd.Broadcast(1));
    }

    private readonly struct Arguments(NormProjection projection, float* values, int length)
    {
        public readonly NormProjection Projection = projection;
        public readonly float* Values = values;
        public readonly int Length = length;
    }

    private readonly struct ColumnsKernel : ISimdKernel<Share<Arguments>>
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public static void Run<TSimd, TVector>(in Share<Arguments> share) where TSimd : struct, ISimd<TVector> where TVector : unmanaged
        {
            int rows = share.Arguments.Length;
            NormProjection projection = share.Arguments.Projection;
            for (int group = share.First; group < share.End; group++)
                for (int lane = 0; lane < PanelLayout.GroupSize; lane += TSimd.Lanes)
                {
                    float* column = share.Arguments.Values + (nint)group * rows * PanelLayout.GroupSize + lane;
                    TVector sum = TSimd.Zero;
                    for (int row = 0; row < rows; row++)
                    {
                        TVector x = TSimd.Load(column + (nint)row * PanelLayout.GroupSize);
                        sum = TSimd.MultiplyAdd(x, x, sum);
                    }
                    TVector factor = projection.Factor<TSimd, TVector>(TSimd.SquareRoot(sum));
                    for (int row = 0; row < rows; row++)
                    {
                        float* at = column + (nint)row * PanelLayout.GroupSize;
                        TSimd.Store(TSimd.Multiply(factor, TSimd.Load(at)), at);
                    }
                }
        }
    }

    private readonly struct RowsKernel : ISimdKernel<Share<Arguments>>
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public static void Run<TSimd, TVector>(in Share<Arguments> share) where TSimd : struct, ISimd<TVector> where TVector : unmanaged
        {
            int width = share.Arguments.Length;
            for (int row = share.First; row < share.End; row++)
            {
                float* x = share.Arguments.Values + (nint)row * width;
                float squares = RowSum.Of<TSimd, TVector, MultiplyMap>(default, x, x, width);
                float factor = share.Arguments.Projection.Factor<SimdScalar, float>(SimdScalar.SquareRoot(squares));
                if (factor == 1) continue;
                int i = 0;
                for (; i <= width - TSimd.Lanes; i += TSimd.Lanes) TSimd.Store(TSimd.Multiply(TSimd.Broadcast(factor), TSimd.Load(x + i)), x + i);
                for (; i < width; i++) x[i] *= factor;
            }
        }
    }
}
