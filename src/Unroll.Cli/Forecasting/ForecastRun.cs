using Unroll.Cli.Runs;
using Unroll.Cli.Terminal;
using Unroll.Data;
using Unroll.Tasks;
using Unroll.Training;

namespace Unroll.Cli.Forecasting;

/// <summary>Does a <see cref="ForecastJob"/>: trains, saves, evaluates, reports.</summary>
internal sealed class ForecastRun
{
    private readonly ForecastJob _job;
    private readonly Screen _screen;

    private ForecastRun(ForecastJob job, Screen screen) => (_job, _screen) = (job, screen);

    /// <summary>Trains and writes the run folder; the scores and a chart go to the screen.</summary>
    /// <exception cref="InputException">The series cannot be trained on, or the folder cannot be written.</exception>
    /// <exception cref="RunStoppedException">Stopped; the checkpoint is kept.</exception>
    public static void Run(ForecastJob job, Screen screen, CancellationToken cancel) => new ForecastRun(job, screen).Run(cancel);

    private void Run(CancellationToken cancel)
    {
        TimeSeries[] training = [.. _job.Series.Zip(_job.TestRows, (series, rows) => rows == 0 ? series : series.Slice(0, series.Count - rows))];
        // What cannot be trained on is refused before an earlier run's files in the folder are touched.
        Refusing(() => new ForecastRows(training, _job.Options));
        _job.Folder.Begin(_job.Configuration(), _job.Resume);
        Forecaster forecaster = Refusing(() => Train(training, cancel));
        _job.WriteTo(forecaster.Model.Extras);
        forecaster.Save(_job.Folder.Model);

        (TimeSeries Series, int From)[] tested = [.. _job.Series.Zip(_job.TestRows).Where(pair => pair.Second > 0).Select(pair => (pair.First, pair.First.Count - pair.Second))];
        ForecastEvaluation? evaluation = tested.Length == 0 ? null : forecaster.Evaluate(tested, cancel);
        RollingForecast[] rolling = [.. tested.Select(one => RollingForecast.Of(forecaster, one.Series, one.From)).OfType<RollingForecast>()];
        _job.Folder.WriteReport(ForecastReport.Of(_job, forecaster, evaluation, rolling));
        Print(forecaster, evaluation, rolling.FirstOrDefault());
    }

    private Forecaster Train(TimeSeries[] training, CancellationToken cancel)
    {
        RunFolder folder = _job.Folder;
        double total = Math.Max(1, 2 * _job.Options.Epochs);
        try
        {
            return ProgressDisplay.Run(_screen, "training", total, "epochs", progress =>
            {
                var epochs = new EpochProgress(progress, _job.Options.Epochs);
                Forecaster trained = Forecaster.Train(training, _job.Options, epochs, new CheckpointOptions(folder.Checkpoint, _job.CheckpointEvery),
                    _job.Resume, [new JsonLinesLogger(folder.Metrics)], cancel);
                epochs.End();
                return trained;
            });
        }
        catch (OperationCanceledException) when (folder.HasCheckpoint)
        {
            throw new RunStoppedException(folder.Checkpoint);
        }
    }

    /// <summary>Work whose objections to the series get the file's name before them.</summary>
    private T Refusing<T>(Func<T> work)
    {
        try
        {
            return work();
        }
        catch (ArgumentException cause)
        {
            int rows = _job.TestRows.Max();
            throw SeriesFile.Wrong(_job.Source, cause, rows == 0 ? "" : $" ({Figures.Count(rows, "row")} at the end held out for the test; --test 0 trains on all.)");
        }
    }

    private void Print(Forecaster forecaster, ForecastEvaluation? evaluation, RollingForecast? rolling)
    {
        TextWriter output = _screen.Output;
        foreach (string note in _job.Notes) output.WriteLine(note);
        output.WriteLine($"{_job.Title}: {Figures.Choices(forecaster)}; best epoch {forecaster.BestEpoch} of {forecaster.History?.Epochs.Count ?? 0}.");
        if (evaluation is null)
        {
            output.WriteLine("No rows were held out, so there are no scores; --test N holds out the last N rows.");
        }
        else
        {
            Figures.Terminal(evaluation).WriteTo(_screen);
            output.WriteLine($"On {Figures.Count(evaluation.Windows, "forecast")} of {Figures.Count(evaluation.Horizon, "row")} each that training did not see, every forecaster on the same points. {Figures.Coverage(evaluation)}".TrimEnd());
        }
        if (rolling is not null) Draw(rolling, forecaster.Horizon);
        output.WriteLine($"Wrote {_job.Folder.Path}: model.safetensors, configuration.json, metrics.jsonl, checkpoint.safetensors, report.html.");
    }

    private void Draw(RollingForecast rolling, int horizon)
    {
        TimeSeries series = rolling.Series;
        // A few of the forecasts, wide enough apart to be seen.
        int last = Math.Min(series.Count, rolling.Start + Math.Max(1, 48 / horizon) * horizon);
        int first = Math.Max(0, rolling.Start - Math.Max(horizon, 36));
        bool withTime = series.Timestamps is { } all && all.Any(time => time.TimeOfDay != TimeSpan.Zero);
        string Label(int row) => series.Timestamps is { } times ? Figures.Date(times[row], withTime) : $"row {row + 1}";
        _screen.Output.WriteLine();
        new TerminalChart { FirstLabel = Label(first), LastLabel = Label(last - 1) }
            .AddSeries(series.Name, series.Values[first..last])
            .AddSeries($"forecast, {Figures.Count(horizon, "row")} at a time", rolling.Mean.AsSpan(first, last - first))
            .WriteTo(_screen);
        _screen.Output.WriteLine();
    }

    /// <summary>
    /// Epochs of both trainings in one count: the second starts at 1 again, and how many each takes shows when it ends.
    /// Until then the most that there can be is the total.
    /// </summary>
    private sealed class EpochProgress(IProgress<ProgressStep> target, int epochs) : IProgress<TrainingProgress>
    {
        private double _first, _second;
        private int? _secondEpochs;

        public void Report(TrainingProgress value)
        {
            double done = value.Epoch - 1 + (double)value.Batch / value.Batches;
            if (_secondEpochs is null && done < _first) _secondEpochs = value.Epochs;
            if (_secondEpochs is null) _first = done;
            else _second = done;
            // The last step is reported by End: the model is made after it.
            double total = _secondEpochs is int more ? _first + more : 2 * epochs;
            string note = $"loss {Figures.Number(value.Loss)}{(_secondEpochs is null ? "" : ", now on all rows")}";
            target.Report(new ProgressStep(Math.Min(_first + _second, total - 1e-6), note, total));
        }

        public void End()
        {
            double total = _first + _second;
            if (total > 0) target.Report(new ProgressStep(total, Total: total)); // a run resumed at its end trains nothing
        }
    }
}
