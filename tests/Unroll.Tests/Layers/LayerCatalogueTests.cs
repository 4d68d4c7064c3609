using System.Text.Json.Nodes;
using Unroll.Layers;
using Unroll.Models;
using Unroll.Ops;
using Unroll.Tensors;

namespace Unroll.Tests.Layers;

public class LayerCatalogueTests
{
    /// <summary>One of each kind, with no setting at its default where it has any.</summary>
    private static Layer[] OneOfEach() =>
    [
        new ActivityRegularization(0.3f, 0.4f), new TemporalActivityRegularization(0.3f, 0.4f), new ActivationLayer("elu"), new Dense(3, "mish", false, "he_uniform", "ones"), new Dropout(0.7f), new SpatialDropout(0.6f), new TiedDense(new Embedding(4, 2, name: "words"), "tanh", false, "ones"), new Embedding(5, 2, 3, new RandomNormal(1, 2)),
        new Flatten(), new LayerNormalization(3e-4f), new Stack([new Dense(2), new Dropout(0.1f)]), new ParallelSum([new Dense(2), new Stack([new Dense(2, "tanh")])]),
        new ConditionalRandomField(3, new RandomNormal(1, 2)), new ConditionalRandomField(["O", "B-x", "I-x"], constrainTraining: true),
        new MixtureDensity(3, 2, "he_uniform"), new SampledSoftmax(7, 3, "ones"), new AdaptiveSoftmax(9, [3, 5], 2, "he_uniform"),
        new IndRnn(4, "elu", returnSequences: true) { GoBackwards = true, UseBias = false, RecurrentLimit = 1.5f, RecurrentDropout = 0.3f, Zoneout = 0.1f, RecurrentInitializer = "ones" },
        new SimpleRnn(4, "mish"), new SimpleRnn(4, "relu", returnSequences: true) { GoBackwards = true, UseBias = false, Dropout = 0.2f, KernelInitializer = new Orthogonal(0.3f), RecurrentInitializer = "identity" },
        new Lstm(4, returnSequences: true) { Activation = "softsign", RecurrentActivation = "hard_sigmoid", CellClip = 2.5f, RecurrentDropout = 0.3f, RecurrentDropoutKind = RecurrentDropoutKind.Candidate, Zoneout = 0.1f, CellZoneout = 0.2f, UnitForgetBias = false, GoBackwards = true, SeparateBiases = true, Dropout = 0.2f },
        new PeepholeLstm(4, returnSequences: true) { UnitForgetBias = false, GoBackwards = true, SeparateBiases = true, Dropout = 0.2f },
        new CoupledLstm(4, returnSequences: true) { UnitForgetBias = false, GoBackwards = true, SeparateBiases = true, Dropout = 0.2f },
        new Gru(4, returnSequences: true) { Activation = "elu", RecurrentActivation = "hard_sigmoid", ResetAfter = false, GoBackwards = true, UseBias = false, Dropout = 0.2f },
        new Dense(3) { KernelRegularizer = Regularizer.L1L2(0.1f, 0.2f), BiasRegularizer = Regularizer.L2(0.3f), KernelConstraint = Constraint.MinMaxNorm(0.1f, 0.7f, 0.3f), BiasConstraint = Constraint.NonNegative() },
        new Embedding(5, 2) { Dropout = 0.3f, WordDropout = 0.2f, UnknownIndex = 4, Regularizer = Regularizer.L1(0.1f), Constraint = Constraint.UnitNorm() },
        new Lstm(4) { KernelRegularizer = Regularizer.L1L2(0.1f, 0.2f), RecurrentRegularizer = Regularizer.L1(0.3f), BiasRegularizer = Regularizer.L2(0.4f), KernelConstraint = Constraint.MaxNorm(0.3f), RecurrentConstraint = Constraint.UnitNorm(), BiasConstraint = Constraint.NonNegative(), ChronoSteps = 7, WeightDrop = 0.6f },
        new Rnn(new JordanCell(5, 3) { Activation = "relu", OutputActivation = "sigmoid", FeedsHidden = true }, returnSequences: true) { GoBackwards = true },
        new Rnn(new ProjectedLstmCell(5, 3) { UnitForgetBias = false }), new Rnn(new LayerNormLstmCell(4) { UnitForgetBias = false }), new Rnn(new LayerNormGruCell(4)),
        new MinGru(4, returnSequences: true) { GoBackwards = true, UseBias = false, ParallelScan = true, KernelInitializer = "he_uniform" },
        new MinLstm(4, returnSequences: true) { GoBackwards = true, UseBias = false, ParallelScan = true, KernelInitializer = "he_uniform" },
        new Bidirectional(new Gru(4) { ResetAfter = false, Dropout = 0.4f }, MergeMode.Average),
        new Bidirectional(new Gru(4) { UseBias = false }, new Lstm(3) { GoBackwards = true, Dropout = 0.1f }),
        new MultiHeadAttention(3, 4) { ValueSize = 5, OutputSize = 7, UseBias = false, Causal = true, Dropout = 0.3f, RotaryBase = 500, ReturnAttentionScores = true, KernelInitializer = "he_uniform", BiasInitializer = "ones" },
        new PositionalEncoding(), new PositionEmbedding(9, "ones"), new SegmentEmbedding(3, "ones"), new FirstStep(), new StepScores(2), new SelectSteps(),
        new TransformerEncoderLayer(3, 10) { NormFirst = true, Activation = "gelu", Dropout = 0.2f, ActivationDropout = 0.3f, Epsilon = 0.01f, RotaryBase = 500, KernelInitializer = "he_uniform", Causal = true },
        new TransformerDecoderLayer(3, 10) { NormFirst = true, Activation = "gelu", Dropout = 0.2f, Epsilon = 0.01f, RotaryBase = 500, KernelInitializer = "he_uniform" },
        new TransformerEncoder(2, 3, 10) { FinalNorm = true, Activation = "gelu", Dropout = 0.2f, Epsilon = 0.01f, RotaryBase = 500, KernelInitializer = "he_uniform", Causal = true },
        new TransformerDecoder(2, 3, 10) { NormFirst = true, FinalNorm = false, Activation = "gelu", Dropout = 0.2f, Epsilon = 0.01f, RotaryBase = 500, KernelInitializer = "he_uniform" },
        new Add(), new Multiply(), new Average(), new Concatenate(), new Sequential(new Unroll.Basics.Shape(-1, 3)) { new Dense(2) }.AsLayer(),
        new MultiplicativeAttention(AttentionScore.Dot) { Scaled = true, Dropout = 0.2f, ReturnAttentionScores = true },
        new AttentiveDecoder(new Embedding(7, 3), [new Gru(5, true) { Dropout = 0.1f }, new Lstm(4, true)], new MultiplicativeAttention(), 6)
        {
            InputFeeding = true, TiedHead = true, Dropout = 0.3f, Bridge = StateBridge.Copy, TeacherForcing = TeacherForcing.Linear(0.1, 0.9, 0.2), ReturnAttentionScores = true,
        },
        new AdditiveAttention(5) { UseBias = false, UseCoverage = true, Dropout = 0.2f, ReturnAttentionScores = true },
        new LocationAwareAttention(5, 3, 7) { UseBias = false, UseCoverage = true, Dropout = 0.2f, ReturnAttentionScores = true },
        new LocalAttention(4, LocalAlignment.Monotonic, AttentionScore.Dot) { Scaled = true, Dropout = 0.2f, ReturnAttentionScores = true },
        new SelfAttentionPooling(6, 3) { Penalty = 0.5f, ReturnAttentionScores = true },
        new TimeDistributed(new Dense(3)), new RepeatVector(7), new Masking(-2.5f), new Unmasking(),
        new Residual(new Gru(4, returnSequences: true)), new Residual(new Dense(4), new Dense(4, useBias: false)), new Highway(new Dense(4), -0.7f),
    ];

    [Fact]
    public void Every_layer_of_the_library_can_be_made_from_a_file()
    {
        var types = typeof(Layer).Assembly.GetTypes().Where(type => type.IsSubclassOf(typeof(Layer)) && !type.IsAbstract && type.IsPublic).ToHashSet();
        Layer[] layers = OneOfEach();
        Assert.Equal(types.Select(type => type.Name).Order(), layers.Select(layer => layer.GetType().Name).Distinct().Order());
        Assert.Equal(LayerCatalogue.Makers.Keys.Order(), layers.Select(layer => layer.Kind).Distinct().Order());
    }

    [Fact]
    public void Every_setting_comes_back()
    {
        foreach (Layer layer in OneOfEach())
        {
            string text = Written(layer);
            Layer made = LayerCatalogue.Make(layer.Kind, JsonNode.Parse(text)!.AsObject());
            Assert.Equal(text, Written(made));
            foreach (System.Reflection.PropertyInfo setting in layer.GetType().GetProperties())
                if (setting.PropertyType.IsPrimitive || setting.PropertyType.IsEnum || setting.PropertyType == typeof(int?) || setting.PropertyType == typeof(float?) || (setting.PropertyType == typeof(Activation) && setting.Name != nameof(Layer.FinalActivation)))
                    Assert.True(Equals(setting.GetValue(layer), setting.GetValue(made)), $"{layer.Kind}.{setting.Name}");
        }
    }

    private static string Written(Layer layer)
    {
        var configuration = new JsonObject();
        layer.WriteConfiguration(configuration);
        return configuration.ToJsonString();
    }
}
