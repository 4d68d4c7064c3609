using Unroll.Layers;

namespace Unroll.Bench;

/// <summary>A recurrent layer that the tasks of long memory compare.</summary>
/// <param name="Name">What results call it.</param>
/// <param name="Make">The layer of some width; whether it gives every step; the longest lag that matters.</param>
internal sealed record SequenceCell(string Name, Func<int, bool, int, RecurrentLayer> Make)
{
    public static SequenceCell SimpleRnn { get; } = new("SimpleRnn", (units, every, _) => new SimpleRnn(units, returnSequences: every));

    public static SequenceCell Gru { get; } = new("Gru", (units, every, _) => new Gru(units, every));

    public static SequenceCell Lstm { get; } = new("Lstm", (units, every, _) => new Lstm(units, every));

    public static SequenceCell ChronoLstm { get; } = new("Lstm, chrono", (units, every, lag) => new Lstm(units, every) { ChronoSteps = lag });
}
