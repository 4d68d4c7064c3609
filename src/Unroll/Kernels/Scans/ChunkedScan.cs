using System.Runtime.CompilerServices;
using Unroll.Kernels.Layouts;
using Unroll.Kernels.Simd;
using Unroll.Kernels.Threading;

namespace Unroll.Kernels.Scans;

/// <summary>
/// The recurrence of <see cref="GatedScan{TGate}"/> with time divided among threads (Blelloch 1990, "Prefix Sums and Their Applications", of
/// the kind that reduces, then scans): each chunk of a sequence from zeros, keeping its end e and the product p of what its steps keep;
/// the states between chunks, h′ = e + p ⊙ h; each chunk from the state that it begins with. Chunks are the same whoever computes them, so the
/// bits are too; they differ from those of one chain by the rounding of the states between chunks. One thread alone takes the three in turn for each chunk, which stays in cache.
/// </summary>
internal static unsafe class ChunkedScan<TGate> where TGate : struct, IScanGate
{
    /// <summary>Computes the shares and the states.</summary>
    public static void Forward(in ScanArguments arguments) => ScanTeam.Run<Kernel<ForwardPhases>>(in arguments);

    /// <summary>Computes the gradients of the sums and of the initial state.</summary>
    public static void Backward(in ScanArguments arguments) => ScanTeam.Run<Kernel<BackwardPhases>>(in arguments);

    /// <summary>The two phases that do not pass from chunk to chunk, for some rows of a chunk.</summary>
    private interface IPhases
    {
        /// <summary>Whether the chunk of the latest steps comes first.</summary>
        static abstract bool Descends(in ScanArguments arguments);

        /// <summary>From zeros, to <see cref="ScanArguments.Ends"/> and <see cref="ScanArguments.Kept"/>.</summary>
        static abstract void Reduce<TSimd, TVector>(in ScanArguments arguments, in ScanChunk chunk, int firstRow, int endRow) where TSimd : struct, ISimd<TVector> where TVector : unmanaged;

        /// <summary>From what <see cref="ScanArguments.Ends"/> holds by then.</summary>
        static abstract void Scan<TSimd, TVector>(in ScanArguments arguments, in ScanChunk chunk, int firstRow, int endRow) where TSimd : struct, ISimd<TVector> where TVector : unmanaged;
    }

    private readonly struct Kernel<TPhases> : ISimdKernel<ScanArguments> where TPhases : struct, IPhases
    {
        public static void Run<TSimd, TVector>(in ScanArguments arguments) where TSimd : struct, ISimd<TVector> where TVector : unmanaged
        {
            var begin = new ScanChunk(arguments.Sequence, TPhases.Descends(in arguments));
            if (arguments.Parts == 1)
            {
                for (ScanChunk chunk = begin; chunk.Next();)
                {
                    Reduce<TSimd, TVector>(in arguments, in chunk, 0, chunk.Rows);
                    PassOn<TSimd, TVector>(in arguments, in chunk, 0, arguments.Units);
                    TPhases.Scan<TSimd, TVector>(in arguments, in chunk, 0, chunk.Rows);
                }
                return;
            }
            var member = new TeamMember(arguments.Part, arguments.Parts);
            (int firstPlace, int endPlace) = TeamParts.Range(member.Part, member.Parts, ScanChunk.Places(arguments.Sequence), 1);
            for (ScanChunk chunk = begin; chunk.Next();)
            {
                (int first, int end) = chunk.RowsOf(firstPlace, endPlace);
                if (first < end) Reduce<TSimd, TVector>(in arguments, in chunk, first, end);
            }
            member.AwaitOthers();
            (int firstUnit, int endUnit) = TeamParts.Range(member.Part, member.Parts, arguments.Units, PanelLayout.GroupSize);
            for (ScanChunk chunk = begin; chunk.Next();) PassOn<TSimd, TVector>(in arguments, in chunk, firstUnit, endUnit);
            member.AwaitOthers();
            for (ScanChunk chunk = begin; chunk.Next();)
            {
                (int first, int end) = chunk.RowsOf(firstPlace, endPlace);
                if (first < end) TPhases.Scan<TSimd, TVector>(in arguments, in chunk, first, end);
            }
        }

        private static void Reduce<TSimd, TVector>(in ScanArguments arguments, in ScanChunk chunk, int firstRow, int endRow)
            where TSimd : struct, ISimd<TVector> where TVector : unmanaged
        {
            nint first = (nint)(chunk.Place + firstRow) * arguments.Units;
            int count = (endRow - firstRow) * arguments.Units;
            new Span<float>(arguments.Ends + first, count).Clear();
            new Span<float>(arguments.Kept + first, count).Fill(1);
            TPhases.Reduce<TSimd, TVector>(in arguments, in chunk, firstRow, endRow);
        }
    }

    /// <summary>Leaves what each sequence of a chunk begins with in the place of its end, and what its next chunk begins with in <see cref="ScanArguments.Passed"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void PassOn<TSimd, TVector>(in ScanArguments arguments, in ScanChunk chunk, int firstUnit, int endUnit)
        where TSimd : struct, ISimd<TVector> where TVector : unmanaged
    {
        for (int r = 0; r < chunk.Rows; r++)
        {
            nint at = (nint)(chunk.Place + r) * arguments.Units;
            float* ends = arguments.Ends + at, kept = arguments.Kept + at, passed = arguments.Passed + (nint)r * arguments.Units;
            int u = firstUnit;
            for (; u <= endUnit - TSimd.Lanes; u += TSimd.Lanes) PassOn<TSimd, TVector>(ends + u, kept + u, passed + u);
            for (; u < endUnit; u++) PassOn<SimdScalar, float>(ends + u, kept + u, passed + u);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void PassOn<TSimd, TVector>(float* end, float* kept, float* passed) where TSimd : struct, ISimd<TVector> where TVector : unmanaged
    {
        TVector before = TSimd.Load(passed);
        TSimd.Store(TSimd.MultiplyAdd(TSimd.Load(kept), before, TSimd.Load(end)), passed);
        TSimd.Store(before, end);
    }

    private readonly struct ForwardPhases : IPhases
    {
        public static bool Descends(in ScanArguments arguments) => arguments.Reverse;

        public static void Reduce<TSimd, TVector>(in ScanArguments arguments, in ScanChunk chunk, int firstRow, int endRow)
            where TSimd : struct, ISimd<TVector> where TVector : unmanaged
        {
            int units = arguments.Units;
            for (int i = chunk.FirstStep; i < chunk.EndStep; i++)
            {
                int t = arguments.Reverse ? chunk.EndStep - 1 - (i - chunk.FirstStep) : i;
                for (int r = firstRow, end = Math.Min(endRow, arguments.Sequence.RowsAt(t)); r < end; r++)
                {
                    nint row = arguments.Sequence.Offset(t) + r, place = (nint)(chunk.Place + r) * units;
                    ReduceRow<TSimd, TVector>(arguments.Sums + row * TGate.Sums * units, arguments.Shares + row * units, arguments.Ends + place, arguments.Kept + place, units);
                }
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private static void ReduceRow<TSimd, TVector>(float* sums, float* shares, float* state, float* kept, int units)
            where TSimd : struct, ISimd<TVector> where TVector : unmanaged
        {
            float* second = sums + units, candidate = sums + (TGate.Sums - 1) * units;
            int u = 0;
            for (; u <= units - TSimd.Lanes; u += TSimd.Lanes) Reduce<TSimd, TVector>(sums + u, second + u, candidate + u, shares + u, state + u, kept + u);
            for (; u < units; u++) Reduce<SimdScalar, float>(sums + u, second + u, candidate + u, shares + u, state + u, kept + u);
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static void Reduce<TSimd, TVector>(float* first, float* second, float* candidate, float* share, float* state, float* kept)
            where TSimd : struct, ISimd<TVector> where TVector : unmanaged
        {
            TVector z = TGate.Share<TSimd, TVector>(TSimd.Load(first), TSimd.Load(second)), h = TSimd.Load(state);
            TSimd.Store(z, share);
            TSimd.Store(TSimd.MultiplyAdd(z, TSimd.Subtract(TSimd.Load(candidate), h), h), state);
            TSimd.Store(TSimd.Multiply(TSimd.Load(kept), TSimd.Subtract(TSimd.Broadcast(1f), z)), kept);
        }

        public static void Scan<TSimd, TVector>(in ScanArguments arguments, in ScanChunk chunk, int firstRow, int endRow)
            where TSimd : struct, ISimd<TVector> where TVector : unmanaged
        {
            int units = arguments.Units;
            for (int i = chunk.FirstStep; i < chunk.EndStep; i++)
            {
                int t = arguments.Reverse ? chunk.EndStep - 1 - (i - chunk.FirstStep) : i, before = arguments.Reverse ? t + 1 : t - 1;
                int known = before >= chunk.FirstStep && before < chunk.EndStep ? arguments.Sequence.RowsAt(before) : 0;
                for (int r = firstRow, end = Math.Min(endRow, arguments.Sequence.RowsAt(t)); r < end; r++)
                {
                    nint row = arguments.Sequence.Offset(t) + r;
                    float* state = r < known ? arguments.Output + (nint)(arguments.Sequence.Offset(before) + r) * units : arguments.Ends + (nint)(chunk.Place + r) * units;
                    ScanRow<TSimd, TVector>(arguments.Sums + (row * TGate.Sums + TGate.Sums - 1) * units, arguments.Shares + row * units, state, arguments.Output + row * units, units);
                }
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private static void ScanRow<TSimd, TVector>(float* candidate, float* shares, float* before, float* output, int units)
            where TSimd : struct, ISimd<TVector> where TVector : unmanaged
        {
            int u = 0;
            for (; u <= units - TSimd.Lanes; u += TSimd.Lanes) Scan<TSimd, TVector>(candidate + u, shares + u, before + u, output + u);
            for (; u < units; u++) Scan<SimdScalar, float>(candidate + u, shares + u, before + u, output + u);
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static void Scan<TSimd, TVector>(float* candidate, float* share, float* before, float* output)
            where TSimd : struct, ISimd<TVector> where TVector : unmanaged
        {
            TVector h = TSimd.Load(before);
            TSimd.Store(TSimd.MultiplyAdd(TSimd.Load(share), TSimd.Subtract(TSimd.Load(candidate), h), h), output);
        }
    }

    private readonly struct BackwardPhases : IPhases
    {
        public static bool Descends(in ScanArguments arguments) => !arguments.Reverse;

        public static void Reduce<TSimd, TVector>(in ScanArguments arguments, in ScanChunk chunk, int firstRow, int endRow)
            where TSimd : struct, ISimd<TVector> where TVector : unmanaged
        {
            int units = arguments.Units;
            for (int i = chunk.FirstStep; i < chunk.EndStep; i++)
            {
                int t = arguments.Reverse ? i : chunk.EndStep - 1 - (i - chunk.FirstStep);
                for (int r = firstRow, end = Math.Min(endRow, arguments.Sequence.RowsAt(t)); r < end; r++)
                {
                    nint at = (nint)(arguments.Sequence.Offset(t) + r) * units, place = (nint)(chunk.Place + r) * units;
                    ReduceRow<TSimd, TVector>(
                        arguments.Shares + at, arguments.OutputGradient == null ? null : arguments.OutputGradient + at, arguments.Ends + place, arguments.Kept + place, units);
                }
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private static void ReduceRow<TSimd, TVector>(float* shares, float* outputGradient, float* state, float* kept, int units)
            where TSimd : struct, ISimd<TVector> where TVector : unmanaged
        {
            int u = 0;
            for (; u <= units - TSimd.Lanes; u += TSimd.Lanes) Reduce<TSimd, TVector>(shares + u, outputGradient == null ? null : outputGradient + u, state + u, kept + u);
            for (; u < units; u++) Reduce<SimdScalar, float>(shares + u, outputGradient == null ? null : outputGradient + u, state + u, kept + u);
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static void Reduce<TSimd, TVector>(float* share, float* outputGradient, float* state, float* kept)
            where TSimd : struct, ISimd<TVector> where TVector : unmanaged
        {
            TVector stays = TSimd.Subtract(TSimd.Broadcast(1f), TSimd.Load(share)), dh = TSimd.Load(state);
            if (outputGradient != null) dh = TSimd.Add(dh, TSimd.Load(outputGradient));
            TSimd.Store(TSimd.Multiply(dh, stays), state);
            TSimd.Store(TSimd.Multiply(TSimd.Load(kept), stays), kept);
        }

        public static void Scan<TSimd, TVector>(in ScanArguments arguments, in ScanChunk chunk, int firstRow, int endRow)
            where TSimd : struct, ISimd<TVector> where TVector : unmanaged
        {
            for (int i = chunk.FirstStep; i < chunk.EndStep; i++)
            {
                int t = arguments.Reverse ? i : chunk.EndStep - 1 - (i - chunk.FirstStep);
                for (int r = firstRow, end = Math.Min(endRow, arguments.Sequence.RowsAt(t)); r < end; r++)
                    GatedScan<TGate>.BackwardRow<TSimd, TVector>(in arguments, t, r, 0, arguments.Units, arguments.Ends + (nint)(chunk.Place + r) * arguments.Units);
            }
        }
    }
}
