namespace Unroll.Bench.Comparison;

/// <summary>All rounds of one library together: for each number of threads the medians over the rounds, in the best setting.</summary>
internal sealed class Merged
{
    private readonly Dictionary<(int Threads, string Setting), List<Measurement>> _rounds = [];

    /// <summary>Adds a round on that many threads, in a setting.</summary>
    public void Add(int threads, Measurement measurement, string setting = "")
    {
        if (!_rounds.TryGetValue((threads, setting), out List<Measurement>? rounds)) _rounds[(threads, setting)] = rounds = [];
        rounds.Add(measurement);
    }

    /// <summary>The library's version; null where it did not say.</summary>
    public string? Version => All.Select(measurement => measurement.Version).FirstOrDefault(version => version is not null);

    /// <summary>The vector width in bits; null for a peer.</summary>
    public int? VectorBits => All.Select(measurement => measurement.VectorBits).FirstOrDefault(bits => bits is not null);

    /// <summary>The highest peak of any round on that many threads, in GFLOP/s: what the processor can do at best.</summary>
    public double Peak(int threads) => _rounds.Where(pair => pair.Key.Threads == threads).SelectMany(pair => pair.Value).Max(measurement => measurement.Peak ?? 0);

    /// <summary>Median over the rounds of a forward pass; null where the shape was left out.</summary>
    public double? Forward(string shape, int threads) => Median(shape, threads, figures => figures.ForwardMilliseconds);

    /// <summary>Median over the rounds of a training step; null where there is none.</summary>
    public double? Train(string shape, int threads) => Median(shape, threads, figures => figures.TrainMilliseconds);

    /// <summary>A forward pass on the better number of threads.</summary>
    public double? BestForward(string shape) => _rounds.Keys.Min(key => Forward(shape, key.Threads));

    /// <summary>A training step on the better number of threads.</summary>
    public double? BestTrain(string shape) => _rounds.Keys.Min(key => Train(shape, key.Threads));

    /// <summary>Reading a stream's weights on the better number of threads; null where that was not measured.</summary>
    public double? BestRead(string shape) => _rounds.Keys.Min(key => Median(shape, key.Threads, figures => figures.ReadMilliseconds));

    /// <summary>The most managed bytes that a step allocated in any round.</summary>
    public long AllocatedBytes(string shape) => All.Max(measurement => measurement.Shapes.TryGetValue(shape, out ShapeFigures figures) ? figures.AllocatedBytes ?? 0 : 0);

    private IEnumerable<Measurement> All => _rounds.Values.SelectMany(rounds => rounds);

    private double? Median(string shape, int threads, Func<ShapeFigures, double?> figure) =>
        _rounds.Where(pair => pair.Key.Threads == threads).Min(pair => Median(shape, pair.Value, figure));

    private static double? Median(string shape, List<Measurement> rounds, Func<ShapeFigures, double?> figure) =>
        BenchFigures.Median(rounds.Where(round => round.Shapes.ContainsKey(shape)).Select(round => figure(round.Shapes[shape])).OfType<double>());
}
