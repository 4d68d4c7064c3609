using Unroll.Autograd;
using Unroll.Basics;
using Unroll.Kernels.Layouts;
using Unroll.Ops;
using Unroll.Tensors;
using Unroll.Tests.Reference;

namespace Unroll.Tests.Contracts;

/// <summary>Every operation of Unroll.Ops in the arrangements that tell something; see docs/adding-an-op.md.</summary>
internal static class OperationCatalogue
{
    /// <summary>Lengths of four sequences of at most three steps: unsorted, a full one, an empty one.</summary>
    private static readonly int[] s_ragged = [2, 3, 0, 1];

    public static IReadOnlyList<OperationEntry> All { get; } = [.. Elementwise(), .. Totals(), .. Places(), .. Rows(), .. Products(), .. Activations(), .. StepCatalogue.All(), .. StructuredCatalogue.All(), .. RegularizationCatalogue.All(), .. LoopOperationCatalogue.All(), .. AttentionCatalogue.All(), .. AttentionWeightsCatalogue.All(), .. PositionCatalogue.All()];

    public static OperationEntry Named(string name) => All.Single(e => e.Name == name);

    private static OperationInput Dense(params int[] shape) => new(shape);

    private static OperationInput Ragged(int features = 5) => new([4, 3, features], s_ragged);

    /// <summary>Numbers from 1 to 2 in size, of both signs: safe to divide by.</summary>
    private static float[] AwayFromZero(int count) => [.. OperationEntry.Distinct(count, 200).Select(v => v + MathF.Sign(v))];

    private static IEnumerable<OperationEntry> Elementwise()
    {
        (string, Type, Func<Tape, Tensor, Tensor, Tensor>, Func<double, double, double>)[] operations =
        [
            ("Add", typeof(AddOp), AddOp.Of, (a, b) => a + b),
            ("Subtract", typeof(SubtractOp), SubtractOp.Of, (a, b) => a - b),
            ("Multiply", typeof(MultiplyOp), MultiplyOp.Of, (a, b) => a * b),
            ("Divide", typeof(DivideOp), DivideOp.Of, (a, b) => a / b),
        ];
        foreach ((string name, Type type, var run, var f) in operations)
        {
            OperationEntry Entry(string how, OperationInput a, OperationInput b) => new($"{name}, {how}", type)
            {
                Inputs = [a, b with { Values = AwayFromZero(b.Shape.Aggregate(1, (m, n) => m * n)) }],
                Build = (tape, x, _) => run(tape, x[0], x[1]),
                Reference = (x, _) => ReferenceOperations.Binary(x[0], x[1], f),
            };
            yield return Entry("one shape", Dense(3, 19), Dense(3, 19));
            yield return Entry("ragged", Ragged(), Ragged());
            yield return Entry("ragged with dense", Ragged(), Dense(4, 3, 5));
            yield return Entry("dense with ragged", Dense(4, 3, 5), Ragged());
            yield return Entry("row", Dense(3, 19), Dense(19));
            yield return Entry("row on ragged", Ragged(), Dense(5));
            yield return Entry("number", Dense(3, 19), Dense());
            yield return Entry("number on ragged", Ragged(), Dense(1));
        }
        yield return new OperationEntry("Multiply, by itself", typeof(MultiplyOp))
        {
            Inputs = [Dense(2, 9)],
            Build = (tape, x, _) => MultiplyOp.Of(tape, x[0], x[0]),
            Reference = (x, _) => x[0].Map(v => v * v),
        };
        foreach (OperationInput input in new[] { Dense(3, 19), Ragged() })
            yield return new OperationEntry($"Scale, {Kind(input)}", typeof(ScaleOp))
            {
                Inputs = [input],
                Build = (tape, x, _) => ScaleOp.Of(tape, x[0], -1.25f, 0.75f),
                Reference = (x, _) => x[0].Map(v => -1.25 * v + 0.75),
            };
        yield return new OperationEntry("Dropout, dense", typeof(DropoutOp))
        {
            Inputs = [Dense(3, 7, 5)],
            Build = (tape, x, _) => DropoutOp.Of(tape, x[0], 0.25f, new RandomStream(11, "here", 4)),
            Reference = (x, _) => ReferenceOperations.Dropout(x[0], 0.25, new RandomStream(11, "here", 4)),
        };
        yield return new OperationEntry("Dropout, ragged", typeof(DropoutOp))
        {
            Inputs = [Ragged()],
            Build = (tape, x, _) => DropoutOp.Of(tape, x[0], 0.4f, new RandomStream(12, "there", 5)),
            Reference = (x, _) => ReferenceOperations.Dropout(x[0], (double)0.4f, new RandomStream(12, "there", 5)),
        };
    }

    private static IEnumerable<OperationEntry> Totals()
    {
        foreach (OperationInput input in new[] { Dense(3, 19), Ragged() })
        {
            yield return new OperationEntry($"Sum, {Kind(input)}", typeof(SumOp))
            {
                Inputs = [input],
                Build = (tape, x, _) => SumOp.Of(tape, x[0]),
                Reference = (x, _) => ReferenceOperations.Sum(x[0], 1),
            };
            yield return new OperationEntry($"Mean, {Kind(input)}", typeof(MeanOp))
            {
                Inputs = [input],
                Build = (tape, x, _) => MeanOp.Of(tape, x[0]),
                Reference = (x, _) => ReferenceOperations.Sum(x[0], x[0].RealCount),
            };
        }
    }

    private static IEnumerable<OperationEntry> Places()
    {
        foreach (int features in new[] { 1, 5, 35 })
        {
            yield return new OperationEntry($"Pack, {features} features", typeof(PackOp))
            {
                Inputs = [Dense(4, 3, features)],
                Build = (tape, x, _) => PackOp.Of(tape, x[0], RaggedLayout(tape)),
                Reference = (x, _) => ReferenceOperations.Masked(x[0], s_ragged),
            };
            yield return new OperationEntry($"Unpack, {features} features", typeof(UnpackOp))
            {
                Inputs = [Ragged(features)],
                Build = (tape, x, _) => UnpackOp.Of(tape, x[0]),
                Reference = (x, _) => ReferenceOperations.Masked(x[0], null),
            };
        }
        foreach (OperationInput input in new[] { Dense(4, 3, 5), Ragged(), Ragged(20) })
        {
            yield return new OperationEntry($"Concatenate, {Kind(input)}", typeof(ConcatenateOp))
            {
                Inputs = [input, input with { Shape = [4, 3, 2] }, input],
                Build = (tape, x, _) => ConcatenateOp.Of(tape, x[0], x[1], x[2]),
                Reference = (x, _) => ReferenceOperations.Concatenate(x),
            };
            yield return new OperationEntry($"SliceFeatures, {Kind(input)}", typeof(SliceFeaturesOp))
            {
                Inputs = [input],
                Build = (tape, x, _) => SliceFeaturesOp.Of(tape, x[0], 1, 3),
                Reference = (x, _) => ReferenceOperations.Slice(x[0], 1, 3),
            };
            yield return new OperationEntry($"SelectStep 1, {Kind(input)}", typeof(SelectStepOp))
            {
                Inputs = [input],
                Build = (tape, x, _) => SelectStepOp.Of(tape, x[0], 1),
                Reference = (x, _) => ReferenceOperations.SelectStep(x[0], 1),
            };
            yield return new OperationEntry($"SelectStep last, {Kind(input)}", typeof(SelectStepOp))
            {
                Inputs = [input],
                Build = (tape, x, _) => SelectStepOp.LastOf(tape, x[0]),
                Reference = (x, _) => ReferenceOperations.SelectStep(x[0], null),
            };
            yield return new OperationEntry($"ReverseTime, {Kind(input)}", typeof(ReverseTimeOp))
            {
                Inputs = [input],
                Build = (tape, x, _) => ReverseTimeOp.Of(tape, x[0]),
                Reference = (x, _) => ReferenceOperations.Reverse(x[0]),
            };
            yield return new OperationEntry($"Reshape, {Kind(input)}", typeof(ReshapeOp))
            {
                Inputs = [input],
                Build = (tape, x, _) => ReshapeOp.Of(tape, x[0], new Shape(4, x[0].Shape.Length / 4)),
                Reference = (x, _) => new ReferenceTensor([4, x[0].Values.Length / 4], ReferenceOperations.Masked(x[0], null).Values),
            };
        }
        foreach (int[]? lengths in new[] { null, s_ragged })
            yield return new OperationEntry($"StackSteps, {(lengths is null ? "dense" : "ragged")}", typeof(StackStepsOp))
            {
                Inputs = [Dense(4, 5), Dense(4, 5), Dense(4, 5)],
                Build = (tape, x, _) => StackStepsOp.Of(tape, x, lengths is null ? null : RaggedLayout(tape)),
                Reference = (x, _) => ReferenceOperations.Stack(x, lengths),
            };
    }

    private static IEnumerable<OperationEntry> Rows()
    {
        float[] ids = [3, 0, 1, 3, 3, 2, 1, 1, 1, 0, 2, 2];
        foreach (int[]? lengths in new[] { null, s_ragged })
        {
            string kind = lengths is null ? "dense" : "ragged";
            var input = new OperationInput([4, 3], lengths, ids, Differentiable: false);
            yield return new OperationEntry($"Embedding, {kind}", typeof(EmbeddingOp))
            {
                Inputs = [input],
                Parameters = [new OperationParameter([5, 18])],
                Build = (tape, x, p) => EmbeddingOp.Of(tape, x[0], p[0]),
                Reference = (x, p) => ReferenceOperations.Embedding(x[0], p[0], 18, null),
            };
            yield return new OperationEntry($"Embedding with a padding index, {kind}", typeof(EmbeddingOp))
            {
                Inputs = [input],
                Parameters = [new OperationParameter([5, 3], Frozen: 3)],
                Build = (tape, x, p) => EmbeddingOp.Of(tape, x[0], p[0], paddingIndex: 3),
                Reference = (x, p) => ReferenceOperations.Embedding(x[0], p[0], 3, null),
            };
            yield return new OperationEntry($"Embedding with padding that reads zeros, {kind}", typeof(EmbeddingOp))
            {
                Inputs = [input],
                Parameters = [new OperationParameter([5, 3])],
                Build = (tape, x, p) => EmbeddingOp.Of(tape, x[0], p[0], paddingIndex: 3, zeroPadding: true),
                Reference = (x, p) => ReferenceOperations.Embedding(x[0], p[0], 3, 3),
            };
        }
        foreach (OperationInput input in new[] { Dense(3, 1), Dense(3, 19), Dense(2, 3, 37), Ragged() })
        {
            yield return new OperationEntry($"Softmax, {Kind(input)}", typeof(SoftmaxOp))
            {
                Inputs = [input],
                Build = (tape, x, _) => SoftmaxOp.Of(tape, x[0]),
                Reference = (x, _) => ReferenceOperations.Softmax(x[0]),
            };
            yield return new OperationEntry($"LogSoftmax, {Kind(input)}", typeof(LogSoftmaxOp))
            {
                Inputs = [input],
                Build = (tape, x, _) => LogSoftmaxOp.Of(tape, x[0]),
                Reference = (x, _) => ReferenceOperations.LogSoftmax(x[0]),
            };
        }
        foreach (OperationInput input in new[] { Dense(3, 19), Dense(2, 3, 37), Ragged() })
            yield return new OperationEntry($"LayerNorm, {Kind(input)}", typeof(LayerNormOp))
            {
                Inputs = [input],
                Parameters = [new OperationParameter([input.Shape[^1]]), new OperationParameter([input.Shape[^1]])],
                Build = (tape, x, p) => LayerNormOp.Of(tape, x[0], p[0], p[1], 1e-3f),
                Reference = (x, p) => ReferenceOperations.LayerNorm(x[0], p[0], p[1], 1e-3f),
            };
    }

    private static IEnumerable<OperationEntry> Products()
    {
        yield return new OperationEntry("MatMul", typeof(MatMulOp))
        {
            Inputs = [Dense(3, 5), Dense(5, 19)],
            Build = (tape, x, _) => MatMulOp.Of(tape, x[0], x[1]),
            Reference = (x, _) => ReferenceOperations.MatMul(x[0], x[1]),
        };
        yield return new OperationEntry("Transpose", typeof(TransposeOp))
        {
            Inputs = [Dense(3, 19)],
            Build = (tape, x, _) => TransposeOp.Of(tape, x[0]),
            Reference = (x, _) => ReferenceOperations.Transpose(x[0]),
        };
        foreach (OperationParameter parameter in new[]
        {
            new OperationParameter([5, 70], new PanelLayout(5, 1, 70)), new OperationParameter([3, 60], new PanelLayout(3, 3, 20)), new OperationParameter([7, 3]),
        })
            yield return new OperationEntry($"Parameter [{string.Join(", ", parameter.Shape)}]", typeof(ParameterOp))
            {
                Inputs = [],
                Parameters = [parameter],
                Build = (tape, _, p) => ParameterOp.Of(tape, p[0]),
                Reference = (_, p) => new ReferenceTensor(parameter.Shape, [.. p[0]]),
            };
        foreach (OperationInput input in new[] { Dense(7, 5), Dense(2, 3, 5), Ragged() })
            foreach (bool bias in new[] { true, false })
                yield return new OperationEntry($"Linear, {Kind(input)}{(bias ? "" : ", no bias")}", typeof(LinearOp))
                {
                    Inputs = [input],
                    Parameters = [new OperationParameter([5, 70], new PanelLayout(5, 1, 70)), .. bias ? [new OperationParameter([70], new PanelLayout(1, 1, 70))] : Array.Empty<OperationParameter>()],
                    Build = (tape, x, p) => LinearOp.Of(tape, x[0], p[0], bias ? p[1] : null),
                    Reference = (x, p) => ReferenceOperations.Linear(x[0], p[0], bias ? p[1] : null, 70),
                };
        foreach (PanelLayout kernel in new[] { new PanelLayout(5, 3, 20), new PanelLayout(5, 4, 19), new PanelLayout(5, 3, 20, firstGate: 2), new PanelLayout(5, 3, 16, firstGate: 2), new PanelLayout(5, 4, 32) })
            foreach (OperationInput input in new[] { Dense(7, 5), Ragged() })
            {
                int first = Enumerable.Range(0, kernel.Gates).First(g => kernel.ColumnOf(0, 0) == g * kernel.Units), columns = kernel.Columns;
                yield return new OperationEntry($"Linear, {Kind(input)}, {kernel.Gates} gates of {kernel.Units} from {first}", typeof(LinearOp))
                {
                    Inputs = [input],
                    Parameters = [new OperationParameter([5, columns], kernel), new OperationParameter([columns], new PanelLayout(1, kernel.Gates, kernel.Units, first))],
                    Build = (tape, x, p) => LinearOp.Of(tape, x[0], p[0], p[1]),
                    Reference = (x, p) => ReferenceOperations.Linear(x[0], p[0], p[1], columns),
                };
            }
    }

    private static IEnumerable<OperationEntry> Activations()
    {
        foreach ((Activation activation, Func<double, double> f) in ReferenceActivations.All)
            foreach (OperationInput input in new[] { new OperationInput([6, 13], Values: Wide(78)), new OperationInput([4, 3, 5], s_ragged, Wide(60)) })
                yield return new OperationEntry($"Activation {activation.Name}, {Kind(input)}", typeof(ActivationOp))
                {
                    Inputs = [input],
                    Build = (tape, x, _) => activation.Apply(tape, x[0]),
                    Reference = (x, _) => x[0].Map(f),
                };
    }

    /// <summary>Numbers from −4 to 4, on both sides of every kink and none on it.</summary>
    private static float[] Wide(int count) => [.. OperationEntry.Distinct(count, 77).Select(v => 4 * v)];

    private static SequenceLayout RaggedLayout(Tape tape)
    {
        SequenceLayout layout = tape.NewLayout();
        layout.Set(s_ragged, 3);
        return layout;
    }

    private static string Kind(OperationInput input) => $"{(input.Lengths is null ? "dense" : "ragged")} [{string.Join(", ", input.Shape)}]";
}
