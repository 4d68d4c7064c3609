using System.CommandLine;
using System.Text.Json.Nodes;
using Unroll.Cli.Comparison;
using Unroll.Cli.Forecasting;
using Unroll.Cli.Terminal;
using Unroll.Tasks;

namespace Unroll.Cli.Verbs;

/// <summary><c>unroll compare forecast FILE</c>: networks side by side as forecasters of a CSV file's series.</summary>
internal sealed class CompareForecastVerb : CompareTaskVerb
{
    private readonly SeriesArguments _series = new(testMayBeNone: false);

    public CompareForecastVerb(Screen screen) : base("forecast", "Compares networks as forecasters of the series of a CSV file.", screen)
    {
        _series.AddTo(this);
        AddCommonOptions();
        Remarks =
        [
            "The networks read the windows that 'unroll train forecast' would choose, without the linear branch that it adds to its network; the errors of ridge regression and of naive forecasts on the same points are printed "
                + "beside them. The last fifth of the rows before the test validates.",
            CommonRemark,
        ];
        Examples =
        [
            ("unroll compare forecast sales.csv --target amount --horizon 28", "all networks, with one seed"),
            ("unroll compare forecast sales.csv --target amount --horizon 28 --only lstm,gru,transformer --seeds 5", "three networks, with five seeds each"),
        ];
    }

    /// <inheritdoc/>
    protected override ComparisonData Read(ParseResult result, CancellationToken cancel)
    {
        SeriesFile file = _series.Read(result);
        int[] testRows = _series.TestRows(result, file);
        (ComparisonTask task, string note) = ForecastComparison.Of(file, testRows, _series.Horizon(result), _series.InputLength(result), cancel);
        return new ComparisonData(file.Path, task, [.. file.Notes, note], new JsonObject
        {
            ["task"] = Name,
            ["file"] = file.Hash,
            ["columns"] = file.Columns.ToJson(),
            ["horizon"] = _series.Horizon(result),
            ["input_length"] = _series.InputLength(result),
            ["test_rows"] = new JsonArray([.. testRows.Select(rows => (JsonNode)JsonValue.Create(rows))]),
        });
    }
}
