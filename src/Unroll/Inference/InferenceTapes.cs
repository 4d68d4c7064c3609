using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Unroll.Autograd;
using Unroll.Models;

namespace Unroll.Inference;

/// <summary>
/// Tapes that do not record, kept for each model as long as it lives: as many as ever computed at the same time. So
/// prediction reuses its memory, and many threads can predict with one model.
/// </summary>
internal static class InferenceTapes
{
    private static readonly ConditionalWeakTable<Network, ConcurrentBag<Tape>> s_tapes = [];

    /// <summary>A tape for one thread, to be reset and returned.</summary>
    public static Tape Rent(Network model) =>
        s_tapes.GetOrCreateValue(model).TryTake(out Tape? tape) ? tape : new Tape(recording: false);

    public static void Return(Network model, Tape tape) => s_tapes.GetOrCreateValue(model).Add(tape);
}
