using System.Text.Json.Nodes;
using Unroll.Layers;
using Unroll.Ops;

namespace Unroll.Tests.Layers;

public class LayerCatalogueTests
{
    /// <summary>One of each kind, with no setting at its default where it has any.</summary>
    private static Layer[] OneOfEach() =>
    [
        new ActivationLayer("elu"), new Dense(3, "mish", false, "he_uniform", "ones"), new Dropout(0.7f), new Embedding(5, 2, 3, new RandomNormal(1, 2)),
        new Flatten(), new LayerNormalization(3e-4f), new Stack([new Dense(2), new Dropout(0.1f)]), new ParallelSum([new Dense(2), new Stack([new Dense(2, "tanh")])]),
        new ConditionalRandomField(3, new RandomNormal(1, 2)), new ConditionalRandomField(["O", "B-x", "I-x"], constrainTraining: true),
        new MixtureDensity(3, 2, "he_uniform"), new SampledSoftmax(7, 3, "ones"), new AdaptiveSoftmax(9, [3, 5], 2, "he_uniform"),
        new IndRnn(4, "elu", returnSequences: true) { GoBackwards = true, UseBias = false, RecurrentLimit = 1.5f, RecurrentDropout = 0.3f, Zoneout = 0.1f, RecurrentInitializer = "ones" },
        new SimpleRnn(4, "mish"), new SimpleRnn(4, "relu", returnSequences: true) { GoBackwards = true, UseBias = false, Dropout = 0.2f, KernelInitializer = new Orthogonal(0.3f), RecurrentInitializer = "identity" },
        new Lstm(4, returnSequences: true) { Activation = "softsign", RecurrentActivation = "hard_sigmoid", CellClip = 2.5f, RecurrentDropout = 0.3f, RecurrentDropoutKind = RecurrentDropoutKind.Candidate, Zoneout = 0.1f, CellZoneout = 0.2f, UnitForgetBias = false, GoBackwards = true, SeparateBiases = true, Dropout = 0.2f },
        new PeepholeLstm(4, returnSequences: true) { UnitForgetBias = false, GoBackwards = true, SeparateBiases = true, Dropout = 0.2f },
        new CoupledLstm(4, returnSequences: true) { UnitForgetBias = false, GoBackwards = true, SeparateBiases = true, Dropout = 0.2f },
        new Gru(4, returnSequences: true) { Activation = "elu", RecurrentActivation = "hard_sigmoid", ResetAfter = false, GoBackwards = true, UseBias = false, Dropout = 0.2f },
        new Bidirectional(new Gru(4) { ResetAfter = false, Dropout = 0.4f }, MergeMode.Average),
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
