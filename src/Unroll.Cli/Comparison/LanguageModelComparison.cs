using Unroll.Basics;
using Unroll.Cli.Forecasting;
using Unroll.Data;
using Unroll.Layers;
using Unroll.Losses;
using Unroll.Models;
using Unroll.Tasks;
using Unroll.Tensors;
using Unroll.Text;
using Unroll.Training;

namespace Unroll.Cli.Comparison;

/// <summary>The task of guessing the next token of a text at every step. The last tenth tests, the tenth before it validates.</summary>
internal sealed record LanguageModelComparison
{
    private const double HeldOut = 0.1;

    /// <summary>Where the text came from, for messages.</summary>
    public required string Source { get; init; }

    /// <summary>The text.</summary>
    public required string Text { get; init; }

    /// <summary>What the tokens are: "characters", "bytes" or "byte-pairs".</summary>
    public required string Tokens { get; init; }

    /// <summary>How many pairs become tokens, for byte pairs.</summary>
    public int Merges { get; init; }

    /// <summary>How many tokens a network reads from a state of zeros on.</summary>
    public int Length { get; init; }

    /// <summary>The width of a token's embedding.</summary>
    public int Embedding { get; init; }

    /// <summary>The task, and how its data was understood.</summary>
    /// <exception cref="InputException">A text too short to be cut into three parts.</exception>
    public (ComparisonTask Task, string Note) Make()
    {
        int test = Boundary(1 - HeldOut), validation = Boundary(1 - 2 * HeldOut);
        string[] parts = [Text[..validation], Text[validation..test], Text[test..]];
        Tokenizer tokenizer = Tokens switch
        {
            "bytes" => new ByteTokenizer(),
            "byte-pairs" => BytePairTokenizer.Train([parts[0]], Merges),
            _ => CharacterTokenizer.FromTexts([parts[0]]),
        };
        int[][] ids = [.. parts.Select(part => tokenizer.Encode(part))];
        int vocabulary = tokenizer.Vocabulary.Count;
        int? unknown = tokenizer.Vocabulary.UnknownId;
        // Bits a character are comparable between tokenizers; perplexities are not.
        double tokensPerCharacter = ids[2].Length / (double)Math.Max(1, parts[2].Length);
        return (new ComparisonTask
        {
            InputShape = new Shape(Shape.Unknown, Shape.Unknown),
            ReadsTokens = true,
            EveryStep = true,
            Causal = true,
            Train = Windows(ids[0]),
            Validation = Windows(ids[1]),
            Test = Windows(ids[2]),
            Before = model => [model.Embedding(vocabulary, Embedding, unknown)],
            Head = () => new Dense(vocabulary),
            Loss = Loss.SparseCategoricalCrossEntropy(),
            QualityName = "bits a character",
            HigherIsBetter = false,
            Quality = (network, data, cancel) => network.Evaluate(data, cancellation: cancel).Loss / Math.Log(2) * tokensPerCharacter,
        }, $"{ids[0].Length} tokens to learn from, {ids[1].Length} to validate on, {ids[2].Length} to test on; {Figures.Count(vocabulary, "different token")}; read {Length} at a time, each time from a state of zeros.");
    }

    /// <summary>Where a share of the text ends, never within a surrogate pair.</summary>
    private int Boundary(double share)
    {
        int at = (int)(share * Text.Length);
        return at > 0 && char.IsLowSurrogate(Text[at]) ? at - 1 : at;
    }

    private Dataset Windows(int[] ids)
    {
        int count = (ids.Length - 1) / Length;
        if (count < 1)
        {
            throw new InputException($"{Source}: expected a text of which each tenth has more than {Figures.Count(Length, "token")}, found a part of {Figures.Count(ids.Length, "token")}. "
                + "Give a longer text, or a shorter --length.");
        }
        float[] inputs = new float[count * Length], targets = new float[count * Length];
        for (int i = 0; i < inputs.Length; i++) (inputs[i], targets[i]) = (ids[i], ids[i + 1]);
        return (Tensor.FromArray(inputs, count, Length), Tensor.FromArray(targets, count, Length));
    }
}
