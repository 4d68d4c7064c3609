using Unroll.Models;

namespace Unroll.Interop;

/// <summary>Where a parameter of a BERT model lies in a checkpoint.</summary>
/// <param name="Name">The tensor's name, without "bert.".</param>
/// <param name="OlderName">The name that the first published files have (gamma and beta), or null.</param>
/// <param name="IsTransposed">Whether it lies there [outputs, inputs].</param>
/// <param name="Head">The beginning of the names of the head's tensors; empty in the encoder.</param>
internal sealed record BertTensorName(string Name, string? OlderName, bool IsTransposed, string Head)
{
    private const string PredictionHead = "cls.predictions.", NextSentenceHead = "cls.seq_relationship.", ClassifierHead = "classifier.", AnswerHead = "qa_outputs.";

    public bool IsOfHead => Head.Length > 0;

    /// <summary>The place of a parameter, by the model's name for it; null where it belongs to no part that checkpoints have.</summary>
    public static BertTensorName? Of(string parameter)
    {
        string[] parts = parameter.Split('/');
        (string? module, string kind, string head) = parts switch
        {
            [BertEncoder.WordsName, var own] => ("embeddings.word_embeddings", own, ""),
            [BertEncoder.PositionsName, var own] => ("embeddings.position_embeddings", own, ""),
            [BertEncoder.SegmentsName, var own] => ("embeddings.token_type_embeddings", own, ""),
            [BertEncoder.EmbeddingNormName, var own] => ("embeddings.LayerNorm", own, ""),
            [BertEncoder.EncoderName, var layer, "attention", var own] => (Layer(layer) + AttentionModule(own[..own.LastIndexOf('_')]), own[(own.LastIndexOf('_') + 1)..], ""),
            [BertEncoder.EncoderName, var layer, var part, var own] => (Layer(layer) + Module(part), own, ""),
            [BertEncoder.PoolerName, var own] => ("pooler.dense", own, ""),
            [BertEncoder.TransformName, var own] => (PredictionHead + "transform.dense", own, PredictionHead),
            [BertEncoder.TransformNormName, var own] => (PredictionHead + "transform.LayerNorm", own, PredictionHead),
            [BertEncoder.MaskedLanguageName, var own] => (PredictionHead[..^1], own, PredictionHead),
            [BertEncoder.NextSentenceName, var own] => (NextSentenceHead[..^1], own, NextSentenceHead),
            [BertEncoder.ClassifierName, var own] => (ClassifierHead[..^1], own, ClassifierHead),
            [BertEncoder.AnswerName, var own] => (AnswerHead[..^1], own, AnswerHead),
            _ => (null, "", ""),
        };
        if (module is null) return null;
        return kind switch
        {
            "gamma" => new(module + ".weight", module + ".gamma", false, head),
            "beta" => new(module + ".bias", module + ".beta", false, head),
            "bias" => new(module + ".bias", null, false, head),
            _ => new(module + ".weight", null, kind == "kernel", head),
        };
    }

    /// <summary>Whether a tensor, its "bert." taken away, may lie in a checkpoint without a place in the model.</summary>
    public static bool MayBeIgnored(string name, bool hasPooler) =>
        name == "embeddings.position_ids" || (!hasPooler && name.StartsWith("pooler.", StringComparison.Ordinal))
        || name.StartsWith("cls.", StringComparison.Ordinal) || name.StartsWith(ClassifierHead, StringComparison.Ordinal) || name.StartsWith(AnswerHead, StringComparison.Ordinal);

    private static string Layer(string name) => $"encoder.layer.{name["layer_".Length..]}.";

    private static string AttentionModule(string projection) => projection == "output" ? "attention.output.dense" : "attention.self." + projection;

    private static string Module(string part) => part switch
    {
        "attention_norm" => "attention.output.LayerNorm",
        "feed_forward_inner" => "intermediate.dense",
        "feed_forward_outer" => "output.dense",
        _ => "output.LayerNorm",
    };
}
