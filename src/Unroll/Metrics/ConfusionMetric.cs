using System.Text.Json.Nodes;

namespace Unroll.Metrics;

/// <summary>Precision, recall and F1 from weighted counts of each class. A NaN answer is a miss of its target's class.</summary>
internal sealed class ConfusionMetric(string name, ConfusionScore score, Averaging averaging, bool fromLogits, int ignoredTarget) : Metric(name)
{
    private double[] _hits = [], _falseAlarms = [], _misses = [];
    private int _outputs;

    public override double Result
    {
        get
        {
            double hits = 0, falseAlarms = 0, misses = 0, sum = 0;
            int occurring = 0;
            for (int c = 0; c < _hits.Length; c++)
            {
                if (_hits[c] + _falseAlarms[c] + _misses[c] == 0) continue;
                hits += _hits[c];
                falseAlarms += _falseAlarms[c];
                misses += _misses[c];
                sum += Score(_hits[c], _falseAlarms[c], _misses[c]);
                occurring++;
            }
            if (occurring == 0) return double.NaN;
            return Chosen switch
            {
                Averaging.Binary => Score(_hits[1], _falseAlarms[1], _misses[1]),
                Averaging.Macro => sum / occurring,
                _ => Score(hits, falseAlarms, misses),
            };
        }
    }

    private Averaging Chosen => averaging != Averaging.Automatic ? averaging : _outputs <= 2 ? Averaging.Binary : Averaging.Macro;

    public override void Reset()
    {
        _outputs = 0;
        Array.Clear(_hits);
        Array.Clear(_falseAlarms);
        Array.Clear(_misses);
    }

    public override double[] SaveState() => [_outputs, .. _hits, .. _falseAlarms, .. _misses];

    public override void LoadState(ReadOnlySpan<double> state)
    {
        int classes = (state.Length - 1) / 3;
        if (state.Length != 1 + 3 * classes || state.Length < 1)
            throw new ArgumentException($"Metric '{Name}': expected a state of one number and three a class, received {state.Length} numbers.", nameof(state));
        _outputs = (int)state[0];
        _hits = state.Slice(1, classes).ToArray();
        _falseAlarms = state.Slice(1 + classes, classes).ToArray();
        _misses = state.Slice(1 + 2 * classes, classes).ToArray();
    }

    internal override JsonObject Settings => new()
    {
        ["kind"] = MetricSettings.Confusion,
        ["score"] = score.ToString(),
        ["averaging"] = averaging.ToString(),
        ["from_logits"] = fromLogits,
        ["ignored_target"] = ignoredTarget,
    };

    protected override void AddRow(int row, ReadOnlySpan<float> outputs, ReadOnlySpan<float> targets, double weight)
    {
        if (_outputs != outputs.Length) Start(outputs.Length);
        int target = ClassTargets.Target(Name, row, targets, outputs.Length, ignoredTarget);
        if (target == ClassTargets.Ignored) return;
        int answer = ClassTargets.Answer(outputs, fromLogits);
        if (answer == target)
        {
            _hits[target] += weight;
            return;
        }
        _misses[target] += weight;
        if (answer >= 0) _falseAlarms[answer] += weight;
    }

    private void Start(int outputs)
    {
        if (_outputs != 0)
            throw new ArgumentException($"Metric '{Name}': expected {_outputs} outputs a row as before, received {outputs}. Reset it first.", nameof(outputs));
        if (averaging == Averaging.Binary && outputs > 2)
            throw new ArgumentException($"Metric '{Name}': binary averaging needs one or two outputs a row, received {outputs}. Choose macro or micro.", nameof(outputs));
        _outputs = outputs;
        int classes = Math.Max(outputs, 2);
        if (_hits.Length == classes) return;
        (_hits, _falseAlarms, _misses) = (new double[classes], new double[classes], new double[classes]);
    }

    private double Score(double hits, double falseAlarms, double misses) => score switch
    {
        ConfusionScore.Precision => Ratio(hits, hits + falseAlarms),
        ConfusionScore.Recall => Ratio(hits, hits + misses),
        _ => Ratio(2 * hits, 2 * hits + falseAlarms + misses),
    };

    private static double Ratio(double part, double whole) => whole > 0 ? part / whole : 0;
}
