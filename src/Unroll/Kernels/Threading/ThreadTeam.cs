using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;
using Unroll.Basics;

namespace Unroll.Kernels.Threading;

/// <summary>
/// Resident threads that share one piece of work at a time with the thread that brings it (KERNELS.md 8). The work is a
/// struct on the caller's stack and a function pointer, so that a call allocates nothing. Waiting threads spin for some ten
/// microseconds, then yield, then sleep. When the team is busy with another caller's work, the caller works alone: the
/// results are the same.
/// </summary>
internal sealed unsafe class ThreadTeam
{
    private const int Spins = 2_000;
    private const int Yields = 50;
    private const int PartBits = 16;
    private const int ArrivalStride = 16;

    private static readonly Lock s_use = new();
    private static ThreadTeam? s_team;

    private readonly Worker[] _workers;
    private readonly long* _arrivals; // one a member, on a cache line (and its neighbour) of its own
    private volatile bool _failed;
    private delegate*<void*, int, int, void> _invoke;
    private void* _work;

    /// <summary>The number of the order shifted left, and in the low bits its parts: read together, so that a thread which is late sees either an old order or a new one.</summary>
    private long _order;

    private ThreadTeam(int workers)
    {
        _workers = new Worker[workers];
        _arrivals = (long*)NativeMemory.AlignedAlloc((nuint)((workers + 1) * ArrivalStride * sizeof(long)), 128);
        for (int i = 0; i < workers; i++) _workers[i] = new Worker(this, i + 1);
    }

    /// <summary>Runs a work's parts on as many threads, at most <see cref="Threads.Count"/>; returns when all are done.</summary>
    /// <param name="work">What to do. Its fields are read by every thread.</param>
    /// <param name="parts">Into how many parts it can usefully be divided.</param>
    public static void Run<TWork>(TWork work, int parts) where TWork : struct, ITeamWork
    {
        parts = Math.Min(parts, Threads.Count);
        // A part that brings work of its own would enter the lock again: it works alone instead.
        if (parts <= 1 || s_use.IsHeldByCurrentThread || !s_use.TryEnter())
        {
            work.Part(0, 1);
            return;
        }
        try
        {
            Team(parts - 1).Share(ref work, parts);
        }
        finally
        {
            s_use.Exit();
        }
    }

    private static ThreadTeam Team(int workers)
    {
        if (s_team is { } team && team._workers.Length >= workers) return team;
        s_team?.Stop();
        return s_team = new ThreadTeam(workers);
    }

    private void Share<TWork>(ref TWork work, int parts) where TWork : struct, ITeamWork
    {
        _invoke = &Invoke<TWork>;
        _work = Unsafe.AsPointer(ref work); // the caller's parameter: on its stack until this returns
        _failed = false;
        for (int i = 0; i < parts; i++) _arrivals[i * ArrivalStride] = 0;
        long order = ((_order >> PartBits) + 1) << PartBits | (uint)parts;
        Volatile.Write(ref _order, order);
        Interlocked.MemoryBarrier();
        for (int i = 0; i < parts - 1; i++) _workers[i].Wake();
        Exception? failure = null;
        try
        {
            work.Part(0, parts);
        }
        catch (Exception exception)
        {
            failure = exception; // the others still read the work; wait for them first
            _failed = true;
        }
        for (int i = 0; i < parts - 1; i++) failure = _workers[i].Await(order) ?? failure;
        if (failure is not null) throw new InvalidOperationException("A part of a divided computation failed.", failure);
    }

    /// <summary>The barrier of <see cref="TeamMember"/>: a member writes to its own line alone, and no operation is interlocked.</summary>
    internal static void AwaitOthers(int part, int first, int end)
    {
        ThreadTeam team = s_team!;
        long mine = team._arrivals[part * ArrivalStride] + 1;
        Volatile.Write(ref team._arrivals[part * ArrivalStride], mine);
        for (int other = first; other < end; other++)
        {
            for (int i = 0; Volatile.Read(ref team._arrivals[other * ArrivalStride]) < mine; i++)
            {
                if (team._failed) throw new InvalidOperationException("Another part of this divided computation failed.");
                // More threads than processors: let the one that is waited for have this one's.
                if (i < Spins) Pause();
                else Thread.Yield();
            }
        }
    }

    private static void Invoke<TWork>(void* work, int part, int parts) where TWork : struct, ITeamWork =>
        Unsafe.AsRef<TWork>(work).Part(part, parts);

    private void Stop()
    {
        foreach (Worker worker in _workers) worker.Stop();
    }

    ~ThreadTeam() => NativeMemory.AlignedFree(_arrivals);

    private static void Pause()
    {
        if (X86Base.IsSupported) X86Base.Pause();
        else if (ArmBase.IsSupported) ArmBase.Yield();
        else Thread.SpinWait(1);
    }

    /// <summary>One resident thread.</summary>
    private sealed class Worker
    {
        private readonly ThreadTeam _team;
        private readonly int _part;
        private readonly object _bell = new();
        private readonly PaddedLong _finished = new();
        private Exception? _failure;
        private int _asleep;
        private volatile bool _stopping;

        public Worker(ThreadTeam team, int part)
        {
            _team = team;
            _part = part;
            new Thread(Loop) { IsBackground = true, Name = $"Unroll {part}" }.Start();
        }

        public void Wake()
        {
            if (Interlocked.Exchange(ref _asleep, 0) == 0) return;
            lock (_bell) Monitor.Pulse(_bell);
        }

        public void Stop()
        {
            _stopping = true;
            Wake();
        }

        /// <summary>Waits until this worker has done an order, and gives the exception that it met.</summary>
        public Exception? Await(long order)
        {
            for (int i = 0; Volatile.Read(ref _finished.Value) < order; i++)
            {
                if (i < Spins) Pause();
                else Thread.Yield();
            }
            (Exception? failure, _failure) = (_failure, null);
            return failure;
        }

        private void Loop()
        {
            for (long done = 0; WaitForOrder(done) is var order && order >= 0; done = order)
            {
                int parts = (int)(order & ((1 << PartBits) - 1));
                if (_part < parts) // an order for fewer threads is not this one's
                {
                    try
                    {
                        _team._invoke(_team._work, _part, parts);
                    }
                    catch (Exception exception)
                    {
                        _failure = exception;
                        _team._failed = true;
                    }
                }
                Volatile.Write(ref _finished.Value, order);
            }
        }

        private long WaitForOrder(long done)
        {
            for (int i = 0; ; i++)
            {
                if (_stopping) return -1;
                long order = Volatile.Read(ref _team._order);
                if (order != done) return order;
                if (i < Spins) Pause();
                else if (i < Spins + Yields) Thread.Yield();
                else
                {
                    Sleep(done);
                    i = 0;
                }
            }
        }

        private void Sleep(long done)
        {
            Interlocked.Exchange(ref _asleep, 1);
            // An order that came before the flag was up has rung for nobody: look once more.
            if (Volatile.Read(ref _team._order) != done || _stopping) _asleep = 0;
            lock (_bell)
            {
                while (Volatile.Read(ref _asleep) == 1) Monitor.Wait(_bell);
            }
        }
    }

    /// <summary>A number on cache lines of its own.</summary>
    private sealed class PaddedLong
    {
        private readonly Line _before, _after;
        public long Value;

        public PaddedLong() => (_before, _after) = (default, default);

        [InlineArray(16)]
        private struct Line
        {
            private long _first;
        }
    }
}
