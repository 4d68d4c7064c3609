using System.CommandLine;
using Unroll.Cli.Terminal;

namespace Unroll.Cli.Verbs;

/// <summary><c>unroll train TASK DATA</c>: the tasks that can be trained.</summary>
internal sealed class TrainVerb : Verb
{
    public TrainVerb(Screen screen) : base("train", "Trains a model for a task and writes a run folder.")
    {
        Add(new TrainForecastVerb(screen));
        Add(new TrainTranslateVerb(screen));
        Examples =
        [
            ("unroll train forecast sales.csv --target amount --horizon 28", "trains a forecaster; 'unroll help train forecast' has its options"),
            ("unroll train translate train.de train.en --validation val.de val.en", "trains a translator"),
        ];
    }
}
