using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using Unroll.Cli.Forecasting;
using Unroll.Data;

namespace Unroll.Cli.Verbs;

/// <summary>The argument and the options by which a verb is told of a CSV file's series, and which of its rows are held out.</summary>
internal sealed class SeriesArguments
{
    private readonly Argument<string> _file = new("FILE") { Description = "A CSV file with a header line, one row a time step, earliest first." };
    private readonly Option<string> _target = new("--target") { Description = "The column to forecast.", Required = true, HelpName = "NAME" };
    private readonly Option<int?> _horizon = Verb.Whole("--horizon", "How many rows ahead are forecast.", 1);
    private readonly Option<string?> _date = new("--date") { Description = "The column of dates. Default: the first column whose cells are dates, if there is one.", HelpName = "NAME" };
    private readonly Option<string?> _covariates = new("--covariates") { Description = "Columns that are inputs besides the target, separated by commas. Their values after the last row are not needed.", HelpName = "A,B" };
    private readonly Option<string?> _seriesId = new("--series-id") { Description = "The column that tells several series in the file apart. Default: one series.", HelpName = "NAME" };
    private readonly Option<string?> _missing = Verb.Word("--missing", "What is done with an empty cell: refuse it, or fill in the previous value, a straight line, or zero. Default refuse.", SeriesColumns.MissingWords);
    private readonly Option<int?> _inputLength = Verb.Whole("--input-length", "How many rows the network reads. Default: chosen on the validation rows.", 1);
    private readonly Option<string?> _test;
    private readonly bool _testMayBeNone;

    /// <param name="testMayBeNone">Whether --test 0 holds nothing out.</param>
    public SeriesArguments(bool testMayBeNone)
    {
        _testMayBeNone = testMayBeNone;
        _horizon.Required = true;
        _test = new Option<string?>("--test")
        {
            Description = $"Rows at each series' end that training does not see and the scores are computed on: a number, or a share such as 0.2. Default 0.2{(testMayBeNone ? "; 0 trains on all rows" : "")}.",
            HelpName = "N",
        };
        _test.Validators.Add(result =>
        {
            if (result.Tokens.Count != 1) return;
            string text = result.Tokens[0].Value;
            if (!TestSize.TryParse(text, out TestSize size) || (!testMayBeNone && size.Of(int.MaxValue, 1) == 0))
                result.AddError($"--test is '{text}'; expected a number of rows, or a share {(testMayBeNone ? "of at least 0" : "above 0")} and below 1.");
        });
    }

    /// <summary>How many rows ahead are forecast.</summary>
    public int Horizon(ParseResult result) => result.GetValue(_horizon)!.Value;

    /// <summary>How many rows the network reads; null to choose.</summary>
    public int? InputLength(ParseResult result) => result.GetValue(_inputLength);

    /// <summary>The path as it was given.</summary>
    public string Path(ParseResult result) => result.GetRequiredValue(_file);

    /// <summary>Adds the argument and the options to a verb.</summary>
    public void AddTo(Verb verb)
    {
        verb.Add(_file);
        foreach (Option option in new Option[] { _target, _horizon, _date, _covariates, _seriesId, _inputLength, _missing, _test }) verb.Add(option);
    }

    /// <summary>The series read.</summary>
    /// <exception cref="InputException">The file, a column or a cell is not as expected.</exception>
    public SeriesFile Read(ParseResult result) => SeriesFile.Read(Path(result), new SeriesColumns
    {
        Target = result.GetRequiredValue(_target),
        Date = result.GetValue(_date),
        Covariates = Verb.Listed(result.GetValue(_covariates)),
        SeriesId = result.GetValue(_seriesId),
        Missing = SeriesColumns.Policy(result.GetValue(_missing) ?? "refuse"),
    });

    /// <summary>How many rows of each series are held out.</summary>
    /// <exception cref="InputException">Fewer than the horizon, or all.</exception>
    public int[] TestRows(ParseResult result, SeriesFile file)
    {
        _ = TestSize.TryParse(result.GetValue(_test) ?? "0.2", out TestSize test);
        return [.. file.Series.Select(series => TestRows(file.Path, series, test, Horizon(result)))];
    }

    private int TestRows(string path, TimeSeries series, TestSize test, int horizon)
    {
        int rows = test.Of(series.Count, horizon);
        if (rows > 0 && rows < horizon)
            throw new InputException($"{path}: --test holds out {Figures.Count(rows, "row")}; expected at least the horizon, {horizon.ToString(CultureInfo.InvariantCulture)}{(_testMayBeNone ? ", or 0" : "")}.");
        if (rows >= series.Count)
            throw new InputException($"{path}, series '{series.Name}': expected more rows than the {Figures.Count(rows, "row")} held out for the test, found {series.Count.ToString(CultureInfo.InvariantCulture)}. Give more rows, a smaller --test, or a shorter --horizon.");
        return rows;
    }
}
