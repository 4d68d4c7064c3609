using Unroll.Cli.Terminal;

namespace Unroll.Cli.Verbs;

/// <summary><c>unroll compare TASK DATA</c>: networks side by side on a user's data.</summary>
internal sealed class CompareVerb : Verb
{
    public CompareVerb(Screen screen) : base("compare", "Trains networks of equal numbers of parameters on a task and shows quality, time, memory and latency side by side.")
    {
        Add(new CompareClassifyVerb(screen));
        Add(new CompareForecastVerb(screen));
        Add(new CompareLanguageModelVerb(screen));
        Examples =
        [
            ("unroll compare classify reviews.csv --text review --label stars", "which network tells the class of a text best; 'unroll help compare classify' has its options"),
            ("unroll compare forecast sales.csv --target amount --horizon 28", "which one forecasts best"),
            ("unroll compare language-model novel.txt", "which one guesses the next character best"),
        ];
    }
}
