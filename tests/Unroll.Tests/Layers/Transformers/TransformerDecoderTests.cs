using Unroll.Autograd;
using Unroll.Basics;
using Unroll.Layers;
using Unroll.Losses;
using Unroll.Models;
using Unroll.Ops;
using Unroll.Optimizers;
using Unroll.Tensors;
using Unroll.Tests.Contracts;

namespace Unroll.Tests.Layers.Transformers;

/// <summary>The decoder's layer held against the paper's parts put together by hand, and an encoder with a decoder that learns.</summary>
public sealed class TransformerDecoderTests
{
    private const int Features = 6, Heads = 3, Units = 10;
    private static readonly Tensor s_target = Tensor.FromArray(RecurrentData.Numbers(2 * 4 * Features, 3, 1), 2, 4, Features).WithLengths([4, 2]);
    private static readonly Tensor s_memory = Tensor.FromArray(RecurrentData.Numbers(2 * 5 * 4, 4, 1), 2, 5, 4).WithLengths([3, 5]);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_decoder_layer_is_its_parts_with_their_inputs_added_and_normalised(bool normFirst)
    {
        var layer = new TransformerDecoderLayer(Heads, Units, "layer") { NormFirst = normFirst, Activation = "gelu", Epsilon = 0.01f };
        var pass = new Pass(new Tape(recording: false));
        float[] found = layer.Forward([s_target, s_memory], pass).ToArray();

        TLayer With<TLayer>(TLayer part, string name, params Shape[] inputs) where TLayer : Layer
        {
            if (part is MultipleInputLayer multiple) multiple.Build(inputs, 0);
            else part.Build(inputs[0]);
            Assert.NotEmpty(part.Parameters);
            foreach (Parameter parameter in part.Parameters) parameter.Set(layer.Parameters.Single(one => one.Name == $"{name}/{parameter.Name}").ToArray());
            return part;
        }
        Shape of = new(-1, -1, Features);
        MultiHeadAttention self = With(new MultiHeadAttention(Heads, Features / Heads) { Causal = true }, "attention", of);
        MultiHeadAttention cross = With(new MultiHeadAttention(Heads, Features / Heads), "cross_attention", of, new Shape(-1, -1, 4));
        Dense inner = With(new Dense(Units, "gelu"), "feed_forward_inner", of), outer = With(new Dense(Features), "feed_forward_outer", new Shape(-1, -1, Units));
        LayerNormalization Norm(string name) => With(new LayerNormalization(0.01f), name, of);
        Tensor Part(Tensor x, LayerNormalization norm, Func<Tensor, Tensor> part) => normFirst
            ? AddOp.Of(pass.Tape, x, part(norm.Forward(x, pass)))
            : norm.Forward(AddOp.Of(pass.Tape, x, part(x)), pass);
        Tensor x = Part(s_target, Norm("attention_norm"), y => self.Forward(y, pass));
        x = Part(x, Norm("cross_attention_norm"), y => cross.Forward([y, s_memory], pass));
        x = Part(x, Norm("feed_forward_norm"), y => outer.Forward(inner.Forward(y, pass), pass));
        Assert.Equal(x.ToArray(), found);
        Assert.Equal(26, layer.Parameters.Count);
    }

    [Fact]
    public void An_encoder_and_a_decoder_learn_to_turn_a_sequence_round()
    {
        const int vocabulary = 7, begin = 0, steps = 4;
        LayerOutput source = Input.Of(new Shape(-1, -1)), target = Input.Of(new Shape(-1, -1));
        LayerOutput memory = new TransformerEncoder(1, 2, 32).Of(new PositionalEncoding().Of(new Embedding(vocabulary, 16, initializer: new RandomNormal(0, 1)).Of(source)));
        LayerOutput decoded = new TransformerDecoder(1, 2, 32).Of(new PositionalEncoding().Of(new Embedding(vocabulary, 16, initializer: new RandomNormal(0, 1)).Of(target)), memory);
        var model = new Model([source, target], [new Dense(vocabulary).Of(decoded)], seed: 8);
        int[][] sources = [.. Enumerable.Range(0, 24).Select(i => Enumerable.Range(0, steps).Select(t => 1 + (i * (t + 2) + i * i * t) % (vocabulary - 1)).ToArray())];
        Tensor given = Tensor.FromTokens(sources), shown = Tensor.FromTokens([.. sources.Select(row => row.Reverse().Prepend(begin).Take(steps).ToArray())]);
        Tensor wanted = Tensor.FromTokens([.. sources.Select(row => row.Reverse().ToArray())]);
        Loss loss = Loss.SparseCategoricalCrossEntropy();
        var optimizer = new Adam(0.01f);
        var tape = new Tape();
        float first = 0, last = 0;
        for (int step = 0; step < 60; step++)
        {
            Tensor value = loss.Of(model.Forward([given, shown], new Pass(tape, Training: true, Step: step), beforeActivation: true)[0], wanted);
            last = value.Item;
            if (step == 0) first = last;
            tape.Backward(value);
            optimizer.Step(model.Parameters);
            tape.Reset();
        }
        Assert.InRange(first, 1.5f, 3.5f);
        Assert.InRange(last, 0f, 0.25f);
    }
}
