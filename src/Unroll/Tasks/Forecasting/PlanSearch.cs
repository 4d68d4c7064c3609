using Unroll.Data;

namespace Unroll.Tasks;

/// <summary>
/// Chooses a plan by the validation error of a ridge regression on the same inputs, in the series' own unit: first the
/// input length with and without the logarithm, then level and calendar, then the length once more. Tries a few dozen
/// regressions instead of networks, which would take hundreds of times as long. Reads no row behind the series given.
/// </summary>
internal sealed class PlanSearch
{
    private const int LongestInput = 336, MostInputs = 800;
    private static readonly double[] s_penalties = [1e-5, 1e-4, 3.16e-4, 1e-3, 3.16e-3, 0.01, 0.0316, 0.1, 0.316, 1, 3.16, 10];
    private readonly ForecastRows _rows;
    private readonly ForecastOptions _options;
    private readonly double[] _variances;
    private readonly CancellationToken _cancellation;
    private readonly Dictionary<string, Candidate> _tried = [];

    /// <param name="rows">The rows to learn from and to validate on.</param>
    /// <param name="options">What is fixed.</param>
    /// <param name="cancellation">Looked at before each regression.</param>
    public PlanSearch(ForecastRows rows, ForecastOptions options, CancellationToken cancellation)
    {
        (_rows, _options, _cancellation) = (rows, options, cancellation);
        _variances = new double[rows.Series.Count];
        for (int s = 0; s < _variances.Length; s++)
        {
            double scale = rows.TrainingEnd[s] > 0 ? StandardScaler.Fit(rows.Series[s].Values[..rows.TrainingEnd[s]]).Scale : 1;
            _variances[s] = scale * scale;
        }
    }

    /// <summary>A plan with its regression and its error.</summary>
    public sealed record Candidate(ForecastPlan Plan, double Error, float[] Kernel, float[] Bias);

    /// <summary>The plan of least validation error.</summary>
    public Candidate Run()
    {
        int season = _options.Season ?? SeasonDetector.Detect(_rows.Series[0].Values[..Math.Max(1, _rows.TrainingEnd[0])], _rows.Series[0].Step);
        int[] lengths = Lengths(season);
        bool positive = true;
        foreach (TimeSeries series in _rows.Series) foreach (float value in series.Values) positive &= value > 0;
        if (_options.Logarithm == true && !positive)
            throw new ArgumentException("ForecastOptions.Logarithm: the series has values of 0 or below, which have no logarithm. Leave it null or false.");
        string[] waves = _options.Calendar == false ? [] : CalendarWaves.Offered(_rows.Series, _rows.TrainingEnd);

        ForecastPlan plan = NewPlan(lengths[0], season) with
        {
            Logarithm = _options.Logarithm ?? false,
            Level = _options.Level ?? ForecastLevel.Last,
            Waves = _options.Calendar == true ? waves : [],
        };
        Candidate best = Best(null, lengths.Select(length => plan with { InputLength = length }));
        if (_options.Logarithm is null && positive) best = Best(best, lengths.Select(length => plan with { InputLength = length, Logarithm = true }));
        if (_options.Level is null)
        {
            best = Best(best, [best.Plan with { Level = ForecastLevel.None }]);
            if (_rows.Series.Count > 1) best = Best(best, [best.Plan with { Level = ForecastLevel.Standard }]);
        }
        if (_options.Calendar is null && waves.Length > 0)
        {
            best = Best(best, [best.Plan with { Waves = waves }]);
            if (waves.Length > 1) best = Best(best, waves.Select(wave => best.Plan with { Waves = [wave] }));
        }
        return Best(best, lengths.Select(length => best.Plan with { InputLength = length }));
    }

    private Candidate Best(Candidate? best, IEnumerable<ForecastPlan> plans)
    {
        foreach (ForecastPlan plan in plans.ToArray())
        {
            Candidate candidate = Try(plan);
            if (best is null || candidate.Error < best.Error) best = candidate;
        }
        return best!;
    }

    private Candidate Try(ForecastPlan plan)
    {
        _cancellation.ThrowIfCancellationRequested();
        string key = $"{plan.InputLength}/{plan.Logarithm}/{plan.Level}/{string.Join('+', plan.Waves)}";
        if (_tried.TryGetValue(key, out Candidate? known)) return known;
        plan = WithScalers(plan);
        PreparedSeries[] prepared = [.. _rows.Series.Select(series => new PreparedSeries(series, plan))];
        var branch = new LinearBranch(_rows.Training(plan, prepared));
        ForecastWindows validation = _rows.Validation(plan, prepared);
        Candidate? best = null;
        foreach (double penalty in s_penalties)
        {
            _cancellation.ThrowIfCancellationRequested();
            if (branch.Solve(penalty) is not { } solution) continue;
            double error = Error(validation, solution.Kernel, solution.Bias);
            if (best is null || error <= best.Error) best = new Candidate(plan with { Penalty = penalty }, error, solution.Kernel, solution.Bias);
        }
        // A penalty of 10 makes any inputs independent enough.
        return _tried[key] = best!;
    }

    /// <summary>The mean squared validation error in the series' unit, each series' over its training variance.</summary>
    private double Error(ForecastWindows windows, float[] kernel, float[] bias)
    {
        float[] input = new float[windows.Plan.Steps * windows.Plan.Features];
        double[] answers = new double[bias.Length];
        double sum = 0;
        for (int n = 0; n < windows.Count; n++)
        {
            windows.ReadInput(n, input);
            LinearBranch.Answer(input, kernel, bias, answers);
            (PreparedSeries series, int s, int origin) = windows[n];
            for (int h = 0; h < answers.Length; h++)
            {
                double error = series.Series.Values[origin + h] - (double)windows.ToUnit(n, answers[h]);
                sum += error * error / _variances[s];
            }
        }
        return double.IsNaN(sum) ? double.PositiveInfinity : sum / ((double)windows.Count * bias.Length);
    }

    /// <summary>
    /// The lengths worth trying, shortest first: a season and a row, then longer ones, as long as the training part has
    /// twice as many windows as the window has rows.
    /// </summary>
    private int[] Lengths(int season)
    {
        if (_options.InputLength is { } given) return [given];
        int[] wanted = season > 1 && season < LongestInput
            ? [season + 1, 2 * season, 2 * season + 1, 3 * season, 3 * season + 1, 7 * season, 14 * season, 4, 12]
            : [4, 8, 12, 24, 36, 48, 96, 168, 336];
        int covariates = 1 + _rows.Series[0].Covariates.Count;
        int[] lengths = [.. wanted.Where(length => length <= LongestInput && length * covariates <= MostInputs
            && _rows.TrainingWindows(length, _options.Horizon) >= 2L * length).Distinct().Order()];
        if (lengths.Length > 0) return lengths;
        int longest = 1;
        while (_rows.TrainingWindows(longest + 1, _options.Horizon) >= Math.Max(2, longest + 1)) longest++;
        return [longest];
    }

    private ForecastPlan NewPlan(int inputLength, int season) => new()
    {
        InputLength = inputLength,
        Horizon = _options.Horizon,
        Season = season,
        Logarithm = false,
        Level = ForecastLevel.Last,
        Waves = [],
        Target = Scaler.Identity,
        Covariates = [.. _rows.Series[0].Covariates.Select((_, c) => (Scaler)StandardScaler.Fit(_rows.TrainingColumn(series => series.Covariates[c].Values.ToArray())))],
        CovariateNames = [.. _rows.Series[0].Covariates.Select(covariate => covariate.Name)],
        Known = [.. _rows.Series[0].Covariates.Select(covariate => covariate.KnownInFuture)],
    };

    private ForecastPlan WithScalers(ForecastPlan plan)
    {
        float[] values = _rows.TrainingColumn(series => series.Values.ToArray());
        if (plan.Logarithm) for (int i = 0; i < values.Length; i++) values[i] = (float)Metrics.DoubleElementary.Log(values[i]);
        return plan with { Target = StandardScaler.Fit(values) };
    }
}
