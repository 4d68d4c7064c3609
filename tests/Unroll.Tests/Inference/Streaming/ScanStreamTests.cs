using Unroll.Inference;
using Unroll.Layers;
using Unroll.Models;
using Unroll.Tensors;
using Unroll.Tests.Contracts;

namespace Unroll.Tests.Inference.Streaming;

/// <summary>Minimal layers streamed step by step.</summary>
[Collection(VectorWidthCollection.Name)]
public sealed class ScanStreamTests
{
    [Fact]
    public void A_stream_gives_the_bits_of_the_whole_sequence_and_its_state_can_be_carried() => VectorWidthCollection.AtEach(width =>
    {
        foreach (int units in new[] { 5, 16, 33, 150 })
            foreach (Layer layer in new Layer[] { new MinGru(units, returnSequences: true), new MinLstm(units, returnSequences: true) { UseBias = false } })
            {
                const int steps = 6, inputs = 3;
                float[] x = RecurrentData.Numbers(steps * inputs, 4, 1);
                var model = new Sequential(seed: 3) { layer, new Dense(2) };
                float[] whole = model.Predict(Tensor.FromArray(x, 1, steps, inputs)).ToArray();
                using ModelStream first = model.OpenStream(), second = model.OpenStream();
                var found = new List<float>();
                for (int t = 0; t < steps; t++)
                {
                    if (t == 2)
                    {
                        float[] state = new float[first.StateLength];
                        first.ReadState(state);
                        second.WriteState(state);
                    }
                    found.AddRange((t < 2 ? first : second).Step(x.AsSpan(t * inputs, inputs)).ToArray());
                }
                Agreement.SameBits($"{layer.Kind} of {units} at {width} bits", whole, [.. found]);
                second.Reset();
                Agreement.SameBits($"{layer.Kind} of {units} after a reset", whole[..2], second.Step(x.AsSpan(0, inputs)).ToArray());
            }
    });

    [Fact]
    public void A_layer_that_goes_backwards_is_refused()
    {
        var model = new Sequential { new MinGru(4, name: "small") { GoBackwards = true } };
        model.Predict(Tensor.Zeros(1, 2, 3));
        var refused = Assert.Throws<NotSupportedException>(() => model.OpenStream());
        Assert.Contains("MinGru 'small' cannot be streamed: it reads each sequence from its last step", refused.Message, StringComparison.Ordinal);
    }
}
