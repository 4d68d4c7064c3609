using Unroll.Bench;
using Unroll.Bench.Bert;
using Unroll.Bench.Cells;
using Unroll.Bench.Chorales;
using Unroll.Bench.Comparison;
using Unroll.Bench.Contexts;
using Unroll.Bench.LongRange;
using Unroll.Bench.Mnist;
using Unroll.Bench.Rewriting;
using Unroll.Bench.Transformers;

// dotnet run -c Release --project bench/Unroll.Bench -- COMMAND --data FOLDER [--only NAME] [--first SEED] [--seeds N] [--runs FOLDER] [--pictures FOLDER]
// bench/run calls it with compare and its own options.
if (args is ["compare", .. string[] options]) return CompareCommand.Run(options);
Dictionary<string, Action<BenchArguments>> commands = new()
{
    ["bert"] = BertResults.Run,
    ["contexts"] = ContextResults.Run,
    ["forecasting"] = ForecastingResults.Run,
    ["cells"] = CellsResults.Run,
    ["chorales"] = ChoralesResults.Run,
    ["long-range"] = LongRangeResults.Run,
    ["mnist"] = MnistResults.Run,
    ["rewriting"] = RewritingResults.Run,
    ["textbook"] = TextbookResults.Run,
    ["transformer"] = TransformerResults.Run,
};
if (args.Length == 0 || !commands.TryGetValue(args[0], out Action<BenchArguments>? command))
{
    Console.Error.WriteLine($"expected one of: {string.Join(", ", commands.Keys)}; then --data FOLDER [--only NAME] [--first SEED] [--seeds N] [--runs FOLDER] [--pictures FOLDER]");
    return 2;
}
command(BenchArguments.Parse(args.AsSpan(1)));
return 0;
