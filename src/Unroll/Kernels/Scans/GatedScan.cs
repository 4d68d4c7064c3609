using System.Runtime.CompilerServices;
using Unroll.Kernels.Layouts;
using Unroll.Kernels.Simd;
using Unroll.Kernels.Threading;

namespace Unroll.Kernels.Scans;

/// <summary>
/// h′ = h + z ⊙ (n − h) from step to step, vectors over units, and the way back. A thread has some units of every sequence, or
/// some sequences where units are few: each number is one chain over time, whoever computes it (KERNELS.md 13).
/// </summary>
internal static unsafe class GatedScan<TGate> where TGate : struct, IScanGate
{
    private const int Size = PanelLayout.GroupSize;

    /// <summary>Computes the states, and keeps the shares where there is room for them.</summary>
    public static void Forward(in ScanArguments arguments) => ScanTeam.Run<ForwardKernel>(in arguments);

    /// <summary>Computes the gradients of the sums and of the initial state.</summary>
    public static void Backward(in ScanArguments arguments) => ScanTeam.Run<BackwardKernel>(in arguments);

    /// <summary>A thread's units, and the sorted rows from <c>FirstRow</c> on, <c>RowStride</c> apart: long and short ones to each.</summary>
    private readonly ref struct Share
    {
        public readonly int FirstUnit, EndUnit, FirstRow, RowStride;

        public Share(in ScanArguments arguments)
        {
            bool byUnits = arguments.Units >= Size * arguments.Parts;
            (FirstUnit, EndUnit) = byUnits ? TeamParts.Range(arguments.Part, arguments.Parts, arguments.Units, Size) : (0, arguments.Units);
            (FirstRow, RowStride) = byUnits ? (0, 1) : (arguments.Part, arguments.Parts);
        }
    }

    private readonly struct ForwardKernel : ISimdKernel<ScanArguments>
    {
        public static void Run<TSimd, TVector>(in ScanArguments arguments) where TSimd : struct, ISimd<TVector> where TVector : unmanaged
        {
            var share = new Share(in arguments);
            int units = arguments.Units, count = share.EndUnit - share.FirstUnit;
            for (int i = 0; i < arguments.Sequence.Steps; i++)
            {
                int t = arguments.StepAt(i);
                for (int r = share.FirstRow; r < arguments.Sequence.RowsAt(t); r += share.RowStride)
                {
                    nint row = arguments.Sequence.Offset(t) + r, at = row * units + share.FirstUnit;
                    ForwardRow<TSimd, TVector>(
                        arguments.Sums + row * TGate.Sums * units + share.FirstUnit, units, arguments.Previous(t, r) + share.FirstUnit,
                        arguments.Shares == null ? null : arguments.Shares + at, arguments.Output + at, count);
                }
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void ForwardRow<TSimd, TVector>(float* sums, int units, float* before, float* shares, float* output, int count)
        where TSimd : struct, ISimd<TVector> where TVector : unmanaged
    {
        float* second = sums + units, candidate = sums + (TGate.Sums - 1) * units;
        int u = 0;
        for (; u <= count - TSimd.Lanes; u += TSimd.Lanes) Forward<TSimd, TVector>(sums + u, second + u, candidate + u, before + u, shares == null ? null : shares + u, output + u);
        for (; u < count; u++) Forward<SimdScalar, float>(sums + u, second + u, candidate + u, before + u, shares == null ? null : shares + u, output + u);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Forward<TSimd, TVector>(float* first, float* second, float* candidate, float* before, float* share, float* output)
        where TSimd : struct, ISimd<TVector> where TVector : unmanaged
    {
        TVector z = TGate.Share<TSimd, TVector>(TSimd.Load(first), TSimd.Load(second)), h = TSimd.Load(before);
        if (share != null) TSimd.Store(z, share);
        TSimd.Store(TSimd.MultiplyAdd(z, TSimd.Subtract(TSimd.Load(candidate), h), h), output);
    }

    private readonly struct BackwardKernel : ISimdKernel<ScanArguments>
    {
        public static void Run<TSimd, TVector>(in ScanArguments arguments) where TSimd : struct, ISimd<TVector> where TVector : unmanaged
        {
            var share = new Share(in arguments);
            int count = share.EndUnit - share.FirstUnit;
            for (int i = arguments.Sequence.Steps - 1; i >= 0; i--)
            {
                int t = arguments.StepAt(i);
                for (int r = share.FirstRow; r < arguments.Sequence.RowsAt(t); r += share.RowStride)
                    BackwardRow<TSimd, TVector>(in arguments, t, r, share.FirstUnit, count, arguments.StateGradient + (nint)r * arguments.Units + share.FirstUnit);
            }
        }
    }

    /// <summary>Some units of the sorted row r at step t; <paramref name="state"/> is the gradient of the state after it, then of that before it.</summary>
    internal static void BackwardRow<TSimd, TVector>(in ScanArguments arguments, int t, int r, int firstUnit, int count, float* state)
        where TSimd : struct, ISimd<TVector> where TVector : unmanaged
    {
        int units = arguments.Units;
        nint row = arguments.Sequence.Offset(t) + r, at = row * units + firstUnit, sums = row * TGate.Sums * units + firstUnit;
        BackwardRow<TSimd, TVector>(
            arguments.Sums + sums, arguments.SumsGradient + sums, arguments.Adds, units, arguments.Previous(t, r) + firstUnit, arguments.Shares + at,
            arguments.OutputGradient == null ? null : arguments.OutputGradient + at, state, count);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void BackwardRow<TSimd, TVector>(
        float* sums, float* gradients, bool adds, int units, float* before, float* shares, float* outputGradient, float* state, int count)
        where TSimd : struct, ISimd<TVector> where TVector : unmanaged
    {
        int u = 0;
        for (; u <= count - TSimd.Lanes; u += TSimd.Lanes)
            Backward<TSimd, TVector>(sums + u, gradients + u, adds, units, before + u, shares + u, outputGradient == null ? null : outputGradient + u, state + u);
        for (; u < count; u++)
            Backward<SimdScalar, float>(sums + u, gradients + u, adds, units, before + u, shares + u, outputGradient == null ? null : outputGradient + u, state + u);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Backward<TSimd, TVector>(
        float* sums, float* gradients, bool adds, int units, float* before, float* share, float* outputGradient, float* state)
        where TSimd : struct, ISimd<TVector> where TVector : unmanaged
    {
        int candidate = (TGate.Sums - 1) * units;
        TVector z = TSimd.Load(share), kept = TSimd.Subtract(TSimd.Broadcast(1f), z), dh = TSimd.Load(state);
        if (outputGradient != null) dh = TSimd.Add(dh, TSimd.Load(outputGradient));
        TVector dz = TSimd.Multiply(dh, TSimd.Subtract(TSimd.Load(sums + candidate), TSimd.Load(before)));
        (TVector first, TVector second) = TGate.Gradient<TSimd, TVector>(
            TSimd.Load(sums), TSimd.Load(sums + units), TSimd.Multiply(dz, TSimd.Multiply(z, kept)));
        Put<TSimd, TVector>(first, gradients, adds);
        if (TGate.Sums > 2) Put<TSimd, TVector>(second, gradients + units, adds);
        Put<TSimd, TVector>(TSimd.Multiply(dh, z), gradients + candidate, adds);
        TSimd.Store(TSimd.Multiply(dh, kept), state);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Put<TSimd, TVector>(TVector value, float* to, bool adds) where TSimd : struct, ISimd<TVector> where TVector : unmanaged =>
        TSimd.Store(adds ? TSimd.Add(TSimd.Load(to), value) : value, to);
}
