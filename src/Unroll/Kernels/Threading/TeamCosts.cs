using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Unroll.Kernels.Products;
using Unroll.Kernels.Simd;

namespace Unroll.Kernels.Threading;

/// <summary>
/// What this machine's threads can do, measured once in some two milliseconds when work is first divided. Only how work is
/// divided depends on it, never a result.
/// </summary>
/// <param name="OperationsPerNanosecond">Floating-point operations of one thread in a product whose operands are in cache.</param>
/// <param name="SharedBytesPerNanosecond">What one thread reads from the cache that threads share.</param>
/// <param name="ForkNanoseconds">Handing out a piece of work and waiting for all parts of it.</param>
/// <param name="BarrierNanoseconds">Waiting for all members once.</param>
internal sealed record TeamCosts(double OperationsPerNanosecond, double SharedBytesPerNanosecond, double ForkNanoseconds, double BarrierNanoseconds)
{
    /// <summary>Bytes that a thread can keep in a cache of its own between steps: three quarters of 512 KB, the least of current servers.</summary>
    public const long PrivateBytes = 384 << 10;

    private const int SharedFloats = 1 << 20; // more than a private cache, less than a shared one
    private const int Rounds = 5;
    private const int Barriers = 64;

    private static readonly Lazy<TeamCosts> s_measured = new(Measure);

    /// <summary>The figures of this process.</summary>
    public static TeamCosts Current => s_measured.Value;

    private static unsafe TeamCosts Measure()
    {
        float* memory = (float*)NativeMemory.AlignedAlloc(SharedFloats * sizeof(float), 64);
        new Span<float>(memory, SharedFloats).Clear();
        double product = Best(new ProductProbe(memory)), reading = Best(new ReadProbe(memory));
        double fork = BestOfTeam(new BarrierProbe(0)), barriers = BestOfTeam(new BarrierProbe(Barriers));
        NativeMemory.AlignedFree(memory);
        return new TeamCosts(ProductProbe.Operations / product, SharedFloats * sizeof(float) / reading, fork, Math.Max(barriers - fork, 1) / Barriers);
    }

    private static double Best<TWork>(TWork work) where TWork : struct, ITeamWork
    {
        double best = double.MaxValue;
        for (int round = 0; round < Rounds; round++)
        {
            long start = Stopwatch.GetTimestamp();
            work.Part(0, 1);
            best = Math.Min(best, Stopwatch.GetElapsedTime(start).TotalNanoseconds);
        }
        return Math.Max(best, 1);
    }

    private static double BestOfTeam<TWork>(TWork work) where TWork : struct, ITeamWork
    {
        double best = double.MaxValue;
        for (int round = 0; round < 4 * Rounds; round++)
        {
            long start = Stopwatch.GetTimestamp();
            ThreadTeam.Run(work, 2);
            best = Math.Min(best, Stopwatch.GetElapsedTime(start).TotalNanoseconds);
        }
        return Math.Max(best, 1);
    }

    /// <summary>Sixteen full tiles of the product kernel.</summary>
    private readonly unsafe struct ProductProbe(float* memory) : ITeamWork, ISimdKernel<TileOperands>
    {
        private const int K = 64, Tiles = 16;
        public const double Operations = 2.0 * Tiles * ProductTile.MaximumRows * 64 * K;

        public void Part(int part, int parts)
        {
            var tile = new TileOperands
            {
                A = memory,
                ARowStride = K,
                AStep = 1,
                K = K,
                Segments = 1,
                W = memory,
                WGroupStride = K * 16,
                Initial = memory + 8192,
                InitialRowStride = 64,
                InitialGroupStride = 16,
                C = memory + 8192,
                CRowStride = 64,
                CGroupStride = 16,
            };
            SimdWidth.Run<ProductProbe, TileOperands>(in tile);
        }

        public static void Run<TSimd, TVector>(in TileOperands tile) where TSimd : struct, ISimd<TVector> where TVector : unmanaged
        {
            for (int i = 0; i < Tiles; i++) ProductTile.Run<TSimd, TVector>(in tile, ProductTile.MaximumRows, 4);
        }
    }

    private readonly unsafe struct ReadProbe(float* memory) : ITeamWork
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Part(int part, int parts)
        {
            double sum = 0;
            for (int i = 0; i < SharedFloats; i += 16) sum += memory[i];
            memory[0] = (float)sum;
        }
    }

    private readonly struct BarrierProbe(int count) : ITeamWork
    {
        public void Part(int part, int parts)
        {
            var member = new TeamMember(part, parts);
            for (int i = 0; i < count; i++) member.AwaitOthers();
        }
    }
}
