using Unroll.Bench;

// dotnet run -c Release --project bench/Unroll.Bench -- forecasting|textbook --data FOLDER [--only NAME] [--first SEED] [--seeds N]
Dictionary<string, Action<BenchArguments>> commands = new()
{
    ["forecasting"] = ForecastingResults.Run,
    ["textbook"] = TextbookResults.Run,
};
if (args.Length == 0 || !commands.TryGetValue(args[0], out Action<BenchArguments>? command))
{
    Console.Error.WriteLine($"expected one of: {string.Join(", ", commands.Keys)}; then --data FOLDER [--only NAME] [--first SEED] [--seeds N]");
    return 2;
}
command(BenchArguments.Parse(args.AsSpan(1)));
return 0;
