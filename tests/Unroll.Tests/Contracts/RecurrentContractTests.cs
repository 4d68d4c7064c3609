using System.Text.Json.Nodes;
using Unroll.Autograd;
using Unroll.Basics;
using Unroll.Layers;
using Unroll.Models;
using Unroll.Tensors;
using Unroll.Tests.Support;

namespace Unroll.Tests.Contracts;

/// <summary>What holds for every recurrent layer whatever its cell; time itself is in <see cref="RecurrentTimeContractTests"/>.</summary>
public sealed class RecurrentContractTests
{
    public static TheoryData<string> Names() => RecurrentCatalogue.Names(_ => true);

    [Theory]
    [MemberData(nameof(Names))]
    public void The_declared_output_shape_is_the_real_one(string name)
    {
        foreach (RecurrentCase one in RecurrentCatalogue.CasesOf(name))
        {
            RecurrentSetting s = one.Setting;
            Layer layer = one.NewLayer();
            RecurrentOutcome found = RecurrentRun.Of(layer, one.Data);
            Assert.Equal(layer.OutputShapeOf(new Shape(s.Batch, s.Steps, s.Inputs)), found.Shape);
            Assert.True(layer.OutputShape.Accepts(found.Shape), $"{one}: declared {layer.OutputShape}, found {found.Shape}.");
            int width = one.Variant.WidthOf(s.Units);
            Assert.Equal(s.ReturnSequences ? new Shape(s.Batch, s.Steps, width) : new Shape(s.Batch, width), found.Shape);
            Assert.Equal(one.Variant.States, found.Finals.Length);
            Assert.All(found.Finals, f => Assert.Equal(s.Batch * s.Units, f.Length));
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_row_alone_equals_that_row_in_a_batch(string name)
    {
        foreach (RecurrentCase one in RecurrentCatalogue.CasesOf(name))
        {
            Layer layer = one.NewLayer();
            RecurrentOutcome batch = RecurrentRun.Of(layer, one.Data);
            for (int b = 0; b < one.Setting.Batch; b++)
            {
                float[] Row(float[] values) => values[(b * (values.Length / one.Setting.Batch))..((b + 1) * (values.Length / one.Setting.Batch))];
                RecurrentOutcome alone = RecurrentRun.Of(layer, one.Data.Row(b));
                Agreement.SameBits($"{one}, row {b}", batch.Forward().Select(p => (p.Name, Row(p.Values))), alone.Forward());
                Agreement.SameBits($"{one}, row {b}: input gradient", Row(batch.InputGradient), alone.InputGradient);
                for (int i = 0; i < alone.InitialGradients.Length; i++)
                    Agreement.SameBits($"{one}, row {b}: gradient of initial state {i}", Row(batch.InitialGradients[i]), alone.InitialGradients[i]);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void What_the_padding_holds_and_how_long_it_is_change_nothing(string name)
    {
        foreach (RecurrentCase one in RecurrentCatalogue.CasesOf(name).Where(c => c.Setting.Ragged))
        {
            RecurrentOutcome expected = one.Run();
            Agreement.SameBits($"{one}, NaN in the padding", expected.Parts(), RecurrentRun.Of(one.NewLayer(), one.Data, padding: float.NaN).Parts());

            const int more = 3;
            (int batch, int steps) = (one.Data.Batch, one.Data.Steps);
            float[] Longer(float[] values) => RecurrentData.JoinTime(batch, (values, steps), (new float[values.Length / steps * more], more));
            float[] weights = one.Setting.ReturnSequences ? Longer(one.Data.OutputWeights) : one.Data.OutputWeights;
            RecurrentOutcome longer = RecurrentRun.Of(one.NewLayer(), one.Data with { Input = Longer(one.Data.Input), Steps = steps + more, OutputWeights = weights });
            Agreement.SameBits($"{one}, more padding: output", one.Setting.ReturnSequences ? Longer(expected.Output) : expected.Output, longer.Output);
            Agreement.SameBits($"{one}, more padding: input gradient", Longer(expected.InputGradient), longer.InputGradient);
            Agreement.SameBits($"{one}, more padding",
                expected.Parts().Where(p => p.Name is not ("output" or "input gradient")), longer.Parts().Where(p => p.Name is not ("output" or "input gradient")));
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_sequence_without_steps_hands_its_state_on_and_gets_no_gradient(string name)
    {
        foreach (RecurrentCase one in RecurrentCatalogue.CasesOf(name).Where(c => c.Setting.Ragged))
        {
            RecurrentData empty = one.Data with { Lengths = new int[one.Data.Batch] };
            RecurrentOutcome found = RecurrentRun.Of(one.NewLayer(), empty);
            Assert.All(found.ParameterGradients, g => Assert.All(g, v => Assert.Equal(0f, v)));
            Assert.All(found.InputGradient, v => Assert.Equal(0f, v));
            for (int i = 0; i < found.Finals.Length; i++)
                Agreement.SameBits($"{one}: final state {i}", one.Setting.InitialState ? empty.Initial[i] : new float[found.Finals[i].Length], found.Finals[i]);
            if (one.Setting.ReturnSequences)
            {
                Assert.All(found.Output, v => Assert.Equal(0f, v));
                for (int i = 0; i < found.InitialGradients.Length; i++)
                    Agreement.SameBits($"{one}: gradient of initial state {i}", empty.FinalWeights[i], found.InitialGradients[i]);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Inference_equals_the_forward_pass_of_training(string name)
    {
        foreach (RecurrentCase one in RecurrentCatalogue.CasesOf(name))
            Agreement.SameBits(one.ToString(), one.Run().Forward(), RecurrentRun.Of(one.NewLayer(), one.Data, recording: false).Forward());
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_layer_made_again_from_its_configuration_and_weights_gives_the_same(string name)
    {
        foreach (RecurrentCase one in RecurrentCatalogue.CasesOf(name).Take(2))
        {
            Layer layer = one.NewLayer();
            var written = new JsonObject();
            layer.WriteConfiguration(written);
            Layer again = LayerCatalogue.Make(layer.Kind, (JsonObject)JsonNode.Parse(written.ToJsonString())!);
            again.Build(layer.InputShape);
            Assert.Equal(layer.Parameters.Select(p => (p.Name, p.Shape)), again.Parameters.Select(p => (p.Name, p.Shape)));
            for (int i = 0; i < layer.Parameters.Count; i++) again.Parameters[i].Set(layer.Parameters[i].ToArray());
            Agreement.SameBits(one.ToString(), RecurrentRun.Of(layer, one.Data).Parts(), RecurrentRun.Of(again, one.Data).Parts());
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_layer_saved_and_loaded_in_a_model_gives_the_same(string name)
    {
        RecurrentCase one = RecurrentCatalogue.CasesOf(name).Last();
        Layer layer = one.NewLayer();
        var model = new Sequential { layer };
        using var file = new TemporaryFile("", ".safetensors");
        model.Save(file.Path);
        Layer loaded = Assert.Single(Sequential.Load(file.Path).Layers);
        Agreement.SameBits(one.ToString(), RecurrentRun.Of(layer, one.Data).Parts(), RecurrentRun.Of(loaded, one.Data).Parts());
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_second_backward_pass_over_the_same_forward_pass_is_refused(string name)
    {
        RecurrentCase one = RecurrentCatalogue.CasesOf(name).First(c => c.Setting.Batch > 1);
        var tape = new Tape();
        (Tensor y, Tensor[] finals) = RecurrentRun.Forward(one.NewLayer(), one.Data.InputTensor(), one.Data.InitialTensors(), tape);
        RecurrentRun.Backward(tape, y, one.Data.OutputWeights, finals, one.Data.FinalWeights);
        var refused = Assert.Throws<InvalidOperationException>(() => tape.Backward(y, one.Data.OutputWeights));
        Assert.Equal("This recurrence has already run backward: its gates were overwritten by their gradients. Run the forward pass again.", refused.Message);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Gradients_are_added_to_what_the_parameters_hold(string name)
    {
        RecurrentCase one = RecurrentCatalogue.CasesOf(name).Last();
        RecurrentOutcome once = one.Run();
        Layer layer = one.NewLayer();
        var tape = new Tape();
        for (int pass = 0; pass < 2; pass++)
        {
            tape.Reset();
            (Tensor y, Tensor[] finals) = RecurrentRun.Forward(layer, one.Data.InputTensor(), one.Data.InitialTensors(), tape);
            RecurrentRun.Backward(tape, y, one.Data.OutputWeights, finals, one.Data.FinalWeights);
        }
        for (int i = 0; i < once.ParameterGradients.Length; i++)
            Agreement.Close($"{one}: parameter {i}", Array.ConvertAll(once.ParameterGradients[i], v => 2.0 * v), layer.Parameters[i].GradientToArray(), 2e-6);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_step_of_training_allocates_nothing_after_two_rounds(string name)
    {
        foreach (RecurrentCase one in RecurrentCatalogue.CasesOf(name))
        {
            Layer layer = one.NewLayer();
            // Two batches in turn, of other lengths where they are ragged, so that the memory must fit both.
            int[]? lengths = one.Data.Lengths?.Select(n => one.Data.Steps - n).ToArray();
            Tensor[] inputs = [one.Data.InputTensor(), (one.Data with { Lengths = lengths }).InputTensor()];
            Tensor[] initial = one.Data.InitialTensors();
            float[] weights = one.Data.OutputWeights;
            var tape = new Tape();
            void Rounds(int count)
            {
                for (int round = 0; round < count; round++)
                    foreach (Tensor x in inputs) TrainingStep(layer, tape, x, initial, weights);
            }
            Rounds(2);
            long bytes = ManagedAllocations.Of(() => Rounds(3));
            Assert.True(bytes == 0, $"{one}: {bytes} bytes.");
        }
    }

    private static void TrainingStep(Layer layer, Tape tape, Tensor x, Tensor[] initial, float[] weights)
    {
        tape.Watch(x);
        for (int i = 0; i < initial.Length; i++) tape.Watch(initial[i]);
        var pass = new Pass(tape);
        Tensor y;
        if (layer is Bidirectional both)
        {
            int each = initial.Length / 2;
            RecurrentState? forward = each == 0 ? null : new RecurrentState(initial[0], each == 2 ? initial[1] : null);
            RecurrentState? backward = each == 0 ? null : new RecurrentState(initial[each], each == 2 ? initial[each + 1] : null);
            (y, _, _) = both.ForwardWithState(x, forward, backward, pass);
        }
        else
        {
            RecurrentState? state = initial.Length == 0 ? null : new RecurrentState(initial[0], initial.Length == 2 ? initial[1] : null);
            (y, _) = ((RecurrentLayer)layer).ForwardWithState(x, state, pass);
        }
        tape.Backward(y, weights);
        for (int i = 0; i < layer.Parameters.Count; i++)
        {
            layer.Parameters[i].ClearGradient();
            layer.Parameters[i].MarkChanged(); // as an optimiser's step does, so that transposed copies are made again
        }
        tape.Reset();
    }
}
