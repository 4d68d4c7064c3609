using Unroll.Losses;
using Unroll.Metrics;

namespace Unroll.Training;

/// <summary>Metrics by name for a loss: several yes-or-no answers a row are judged one by one, and logits as logits.</summary>
internal static class MetricByName
{
    public static Metric Make(string name, Loss loss, bool logits)
    {
        Metric metric = Metric.FromName(name);
        bool binary = loss.Name == "binary_crossentropy";
        Metric? fitting = metric.Name switch
        {
            "accuracy" or "acc" when binary => Metric.BinaryAccuracy(logits),
            "binary_accuracy" => Metric.BinaryAccuracy(logits),
            "precision" => Metric.Precision(fromLogits: logits),
            "recall" => Metric.Recall(fromLogits: logits),
            "f1" or "f1_score" => Metric.F1(fromLogits: logits),
            "perplexity" => Metric.Perplexity(logits),
            _ => null,
        };
        if (fitting is null) return metric;
        fitting.Name = metric.Name;
        return fitting;
    }
}
