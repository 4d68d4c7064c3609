using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Unroll.Training;

/// <summary>
/// Writes one JSON object a line and epoch: {"epoch":1,"loss":…,"val_loss":…,"learning_rate":…}. A value that is no
/// finite number is null.
/// </summary>
public sealed class JsonLinesLogger : Callback
{
    private readonly string _path;

    /// <summary>Logging to a file, which is replaced unless training resumes from a checkpoint.</summary>
    /// <exception cref="ArgumentException">An empty path.</exception>
    public JsonLinesLogger(string path)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        _path = path;
    }

    /// <inheritdoc/>
    public override void OnTrainBegin(TrainingContext context) => EpochLog.Begin(_path, context, headerLines: 0);

    /// <inheritdoc/>
    public override void OnEpochEnd(TrainingContext context, EpochResult result)
    {
        var line = new StringBuilder();
        line.Append("{\"epoch\":").Append(result.Epoch.ToString(CultureInfo.InvariantCulture));
        foreach (KeyValuePair<string, double> pair in result.Values) Add(pair.Key, pair.Value);
        Add("learning_rate", result.LearningRate);
        EpochLog.Append(_path, line.Append('}'));

        void Add(string name, double value) => line.Append(",\"").Append(JsonEncodedText.Encode(name)).Append("\":")
            .Append(double.IsFinite(value) ? EpochLog.Number(value) : "null");
    }
}
