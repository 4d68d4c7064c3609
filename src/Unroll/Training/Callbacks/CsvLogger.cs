using System.Globalization;
using System.Text;

namespace Unroll.Training;

/// <summary>Writes a CSV file with a line an epoch: epoch, loss, metrics, validation, learning_rate.</summary>
public sealed class CsvLogger : Callback
{
    private readonly string _path;

    /// <summary>Logging to a file, which is replaced unless training resumes from a checkpoint.</summary>
    /// <exception cref="ArgumentException">An empty path.</exception>
    public CsvLogger(string path)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        _path = path;
    }

    /// <inheritdoc/>
    public override void OnTrainBegin(TrainingContext context) => EpochLog.Begin(_path, context, headerLines: 1);

    /// <inheritdoc/>
    public override void OnEpochEnd(TrainingContext context, EpochResult result)
    {
        var line = new StringBuilder();
        if (new FileInfo(_path).Length == 0)
            line.Append("epoch,").AppendJoin(',', result.Values.Select(pair => pair.Key)).Append(",learning_rate\n");
        line.Append(result.Epoch.ToString(CultureInfo.InvariantCulture));
        foreach (KeyValuePair<string, double> pair in result.Values) line.Append(',').Append(EpochLog.Number(pair.Value));
        line.Append(',').Append(EpochLog.Number(result.LearningRate));
        EpochLog.Append(_path, line);
    }
}
