using System.Security.Cryptography;
using Unroll.Autograd;
using Unroll.Basics;
using Unroll.Data;
using Unroll.Layers;
using Unroll.Losses;
using Unroll.Models;
using Unroll.Ops;
using Unroll.Optimizers;
using Unroll.Tensors;
using Unroll.Training;

namespace Unroll.Tests.Sameness;

/// <summary>Small models that between them have every kind of layer, trained on ragged batches; and the bits they end in.</summary>
internal static class TrainedModels
{
    private const int Vocabulary = 23, Letters = 4, Classes = 5, Sequences = 20, BatchSize = 5;

    private static readonly int[][] s_words = [.. Enumerable.Range(0, Sequences)
        .Select(i => Enumerable.Range(0, 1 + i * 5 % 7).Select(t => (i * 7 + t * t * 3 + t) % Vocabulary).ToArray())];

    /// <summary>Names what was trained and how.</summary>
    public static IReadOnlyDictionary<string, Func<int, Network>> All { get; } = new Dictionary<string, Func<int, Network>>
    {
        ["tagger by a step of one's own"] = steps => StepByStep(Tagger(), steps),
        ["classifier by Fit"] = steps => Fitted(Classifier(), Classified(), steps),
        ["causal Transformer by a step of one's own"] = steps => StepByStep(Transformer(), steps),
        ["BERT with the heads of its pre-training by Fit"] = steps => Fitted(Bert(), Hidden(), steps),
    };

    /// <summary>The next word at every step: each cell once, stacked, with dropout, on a vocabulary.</summary>
    public static Sequential Tagger() => new(seed: 11)
    {
        new Embedding(Vocabulary, 7),
        new Bidirectional(new Lstm(9, returnSequences: true) { Dropout = 0.2f }),
        new PeepholeLstm(10, returnSequences: true),
        new Gru(19, returnSequences: true),
        new Dropout(0.1f),
        new Gru(8, returnSequences: true) { ResetAfter = false, GoBackwards = true },
        new SimpleRnn(11, returnSequences: true),
        new LayerNormalization(),
        new Dense(Vocabulary, Activation.Softmax),
    };

    /// <summary>One class a sequence of few letters, from the last states of both directions, beside a branch of its own.</summary>
    public static Sequential Classifier() => new(seed: 12)
    {
        new Embedding(Letters, 6),
        new ParallelSum(
            new Bidirectional(new Gru(17) { SeparateBiases = true }, MergeMode.Sum),
            new Stack(new SimpleRnn(5, returnSequences: true), new Lstm(17) { SeparateBiases = true })),
        new Dense(9, Activation.GeluTanh),
        new Dense(Classes, Activation.Softmax),
    };

    /// <summary>The next word at every step from causal attention, with positions of every kind and dropout everywhere.</summary>
    public static Sequential Transformer() => new(seed: 13)
    {
        new Embedding(Vocabulary, 18),
        new PositionalEncoding(),
        new PositionEmbedding(8),
        new TransformerEncoder(2, 3, 20) { NormFirst = true, Causal = true, Activation = Activation.Gelu, RotaryBase = 100, Dropout = 0.1f },
        new TransformerEncoderLayer(2, 10),
        new Dense(Vocabulary, Activation.Softmax),
    };

    /// <summary>BERT with both heads of its pre-training, which guesses words at some places alone.</summary>
    public static Model Bert()
    {
        var bert = new BertEncoder(new BertOptions { Vocabulary = Vocabulary, HiddenUnits = 18, Layers = 2, Heads = 3, IntermediateUnits = 20, MaximumPositions = 8 });
        LayerOutput places = Input.Of(new Shape(-1, -1), "places");
        return new Model([.. bert.Inputs, places], [bert.MaskedLanguage(places), bert.NextSentence()], seed: 14);
    }

    /// <summary>The tagger's examples: words, and the word that follows each.</summary>
    public static Dataset Tagged() => new(Tensor.FromTokens(s_words),
        Tensor.FromTokens([.. s_words.Select(words => words.Select((_, t) => words[(t + 1) % words.Length]).ToArray())]));

    /// <summary>The classifier's examples.</summary>
    public static Dataset Classified() => new(Tensor.FromTokens([.. s_words.Select(words => words.Select(word => word % Letters).ToArray())]), Tensor.FromArray([.. s_words.Select(words => (float)(words.Sum() % Classes))], Sequences));

    /// <summary>BERT's examples: words, two segments, places of which some sequences have none, the words there, and one of two classes.</summary>
    public static Dataset Hidden()
    {
        int[][] places = [.. s_words.Select((words, i) => Enumerable.Range(0, words.Length).Where(t => (t + i) % 3 == 0).ToArray())];
        return new Dataset(
            [Tensor.FromTokens(s_words), Tensor.FromTokens([.. s_words.Select(words => words.Select((_, t) => 2 * t / words.Length).ToArray())]), Tensor.FromTokens(places)],
            [Tensor.FromTokens([.. places.Select((some, i) => some.Select(t => s_words[i][t]).ToArray())]), Tensor.FromArray([.. s_words.Select(words => (float)(words.Sum() % 2))], Sequences)]);
    }

    /// <summary>One step: forward, loss, backward, clipping and update.</summary>
    public static void Step(Sequential model, Loss loss, Optimizer optimizer, Tape tape, BatchReader reader, ReadOnlySpan<int> examples, int step)
    {
        BatchTensors batch = reader.Read(examples, tape);
        Tensor value = loss.Of(model.ForwardBeforeActivation(batch.Inputs[0], new Pass(tape, Training: true, Seed: 3, Step: step)), batch.Targets[0]);
        tape.Backward(value);
        GradientClipping.ByGlobalNorm(model.Parameters, 0.5f);
        optimizer.Step(model.Parameters);
        tape.Reset();
    }

    /// <summary>The first parameter in which two models differ, or null where they are the same bits.</summary>
    public static string? FirstDifference(Network expected, Network found)
    {
        for (int p = 0; p < expected.Parameters.Count; p++)
        {
            float[] a = expected.Parameters[p].ToArray(), b = found.Parameters[p].ToArray();
            for (int i = 0; i < a.Length; i++)
                if (BitConverter.SingleToInt32Bits(a[i]) != BitConverter.SingleToInt32Bits(b[i]))
                    return $"{expected.Parameters[p].Name}, number {i}: {a[i]:R} and {b[i]:R}";
        }
        return null;
    }

    /// <summary>The first half of SHA-256 over the bits of all weights.</summary>
    public static string Hash(Network model)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (Parameter parameter in model.Parameters) hash.AppendData(System.Runtime.InteropServices.MemoryMarshal.AsBytes(parameter.ToArray().AsSpan()));
        return Convert.ToHexStringLower(hash.GetHashAndReset()[..16]);
    }

    private static Sequential StepByStep(Sequential model, int steps)
    {
        Loss loss = Loss.SparseCategoricalCrossEntropy();
        var optimizer = new Adam(0.01f);
        var tape = new Tape();
        var reader = new BatchReader(Tagged());
        int[] order = [.. Enumerable.Range(0, Sequences)];
        for (int step = 0; step < steps; step++)
            Step(model, loss, optimizer, tape, reader, order.AsSpan(step * BatchSize % Sequences, BatchSize), step);
        return model;
    }

    private static Network Fitted(Network model, Dataset data, int steps)
    {
        model.Compile(new Adam(0.01f), [.. model.OutputNames.Select(_ => new OutputSettings(Loss.SparseCategoricalCrossEntropy()))]);
        model.Fit(data, epochs: steps / (Sequences / BatchSize), BatchSize, seed: 5, options: new FitOptions { GlobalClipNorm = 1f });
        return model;
    }
}
