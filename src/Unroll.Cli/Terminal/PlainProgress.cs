using System.Globalization;

namespace Unroll.Cli.Terminal;

/// <summary>Progress as plain lines for a file or a pipe: the first and the last step, and between them one line every few seconds at most.</summary>
internal sealed class PlainProgress : IProgress<ProgressStep>
{
    private readonly TextWriter _writer;
    private readonly string _title, _unit;
    private readonly TimeProvider _clock;
    private readonly TimeSpan _interval;
    private readonly long _start;
    private readonly Lock _lock = new();
    private double _total;
    private TimeSpan? _lastLine;
    private bool _ended;

    /// <summary>Progress that begins now.</summary>
    public PlainProgress(TextWriter writer, string title, double total, string unit, TimeProvider clock, TimeSpan interval)
    {
        (_writer, _title, _total, _unit, _clock, _interval) = (writer, title, total, unit, clock, interval);
        _start = clock.GetTimestamp();
    }

    /// <inheritdoc/>
    public void Report(ProgressStep value)
    {
        lock (_lock)
        {
            TimeSpan elapsed = _clock.GetElapsedTime(_start);
            _total = value.Total ?? _total;
            bool end = value.Completed >= _total;
            if (_ended || (!end && _lastLine is TimeSpan last && elapsed - last < _interval)) return;
            (_lastLine, _ended) = (elapsed, end);
            _writer.WriteLine(Line(value, elapsed));
        }
    }

    private string Line(ProgressStep step, TimeSpan elapsed)
    {
        string line = string.Create(CultureInfo.InvariantCulture, $"{_title}: {step.Completed:0.#}/{_total:0.#} {_unit}");
        // Before the first step is whole, most of the time was preparation, and a rate from it would be far off.
        if (step.Completed >= Math.Min(1, _total) && elapsed > TimeSpan.Zero)
        {
            double rate = step.Completed / elapsed.TotalSeconds;
            line += $", {Rate(rate, _unit)}";
            line += step.Completed >= _total
                ? $", took {Duration(elapsed)}"
                : $", {Duration(TimeSpan.FromSeconds(Math.Min((_total - step.Completed) / rate, 1e9)))} left";
        }
        return step.Note.Length == 0 ? line : $"{line}, {step.Note}";
    }

    /// <summary>A rate with three digits: <c>12.3 epochs/s</c>.</summary>
    internal static string Rate(double perSecond, string unit) =>
        perSecond.ToString(perSecond >= 100 ? "#,0" : perSecond >= 10 ? "0.0" : "0.00", CultureInfo.InvariantCulture) + $" {unit}/s";

    /// <summary>A time in the two largest units that matter: <c>7 s</c>, <c>2 min 05 s</c>, <c>1 h 30 min</c>.</summary>
    internal static string Duration(TimeSpan time)
    {
        long seconds = (long)Math.Round(time.TotalSeconds);
        return seconds switch
        {
            < 60 => string.Create(CultureInfo.InvariantCulture, $"{seconds} s"),
            < 3600 => string.Create(CultureInfo.InvariantCulture, $"{seconds / 60} min {seconds % 60:00} s"),
            _ => string.Create(CultureInfo.InvariantCulture, $"{seconds / 3600} h {seconds / 60 % 60:00} min"),
        };
    }
}
