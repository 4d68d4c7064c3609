using System.Text.Json.Nodes;
using Unroll.Autograd;
using Unroll.Basics;
using Unroll.Cli.Bench;
using Unroll.Files;
using Unroll.Layers;
using Unroll.Models;
using Unroll.Ops;
using Unroll.Tensors;
using Unroll.Tests.Support;

namespace Unroll.Tests.Layers.Recurrent;

/// <summary>What layers around a cell, and minimal layers, refuse.</summary>
public sealed class RnnMessageTests
{
    private static Pass Inference => new(new Tape(recording: false));

    private static Tensor Input => Tensor.Zeros(2, 4, 3);

    [Fact]
    public void An_initial_state_of_another_shape_is_refused()
    {
        var layer = new Rnn(new OwnLstmCell(4), name: "mine");
        var refused = Assert.Throws<ArgumentException>(() => layer.ForwardWithState<RecurrentState>(Input, new RecurrentState(Tensor.Zeros(2, 4), Tensor.Zeros(2, 5)), Inference));
        Assert.Equal("Rnn 'mine': tensor 1 of the initial state: expected [2, 4], [batch, features], received [2, 5].", refused.Message);
        refused = Assert.Throws<ArgumentException>(() => layer.ForwardWithState<RecurrentState>(Input, new RecurrentState(Tensor.Zeros(2, 4)), Inference));
        Assert.Equal("Rnn 'mine': expected an initial state of 2 tensors, received 1.", refused.Message);
        refused = Assert.Throws<ArgumentException>(() => layer.ForwardWithState<JordanState>(Input, null, Inference));
        Assert.Equal("Rnn 'mine': its OwnLstmCell has another state than JordanState. (Parameter 'initial')", refused.Message);
        refused = Assert.Throws<ArgumentException>(() => new MinGru(4, name: "small").ForwardWithState(Input, new RecurrentState(Tensor.Zeros(3, 4)), Inference));
        Assert.Equal("MinGru 'small': expected an initial hidden state [2, 4], [batch, units], received [3, 4]. (Parameter 'initial')", refused.Message);
        refused = Assert.Throws<ArgumentException>(() => new MinLstm(4, name: "small").ForwardWithState(Input, new RecurrentState(Tensor.Zeros(2, 4), Tensor.Zeros(2, 4)), Inference));
        Assert.Equal("MinLstm 'small' has no cell state; received one in the initial state. (Parameter 'initial')", refused.Message);
    }

    [Fact]
    public void A_table_of_rows_is_refused()
    {
        var refused = Assert.Throws<ArgumentException>(() => new Rnn(new JordanCell(4, 2), name: "mine").Forward(Tensor.Zeros(2, 3), Inference));
        Assert.Equal("Rnn 'mine': expected input [batch, time, features], received [?, 3]. A table of rows needs a time axis first.", refused.Message);
    }

    [Fact]
    public void A_step_that_gives_other_shapes_is_refused()
    {
        var refused = Assert.Throws<InvalidOperationException>(() => new Rnn(new WrongCell(outputs: 5, states: 4), name: "mine").Forward(Input, Inference));
        Assert.Equal("Rnn 'mine': WrongCell.Step: expected the output to be [2, 4], [rows, features], received [2, 5].", refused.Message);
        refused = Assert.Throws<InvalidOperationException>(() => new Rnn(new WrongCell(outputs: 4, states: 6), name: "mine").Forward(Input, Inference));
        Assert.Equal("Rnn 'mine': WrongCell.Step: expected the next state to be [2, 4], [rows, features], received [2, 6].", refused.Message);
    }

    [Fact]
    public void A_cell_in_two_layers_is_refused()
    {
        var cell = new JordanCell(4, 2);
        new Rnn(cell, name: "first").Forward(Input, Inference);
        var refused = Assert.Throws<InvalidOperationException>(() => new Rnn(cell, name: "second").Forward(Input, Inference));
        Assert.Equal("Rnn 'second': its JordanCell is in Rnn 'first' already; make another cell.", refused.Message);
    }

    [Fact]
    public void A_saved_cell_that_is_not_registered_is_named()
    {
        using var file = new TemporaryFile("", ".safetensors");
        var model = new Sequential { new Rnn(new WrongCell(4, 4)) };
        model.Build(new Shape(Shape.Unknown, Shape.Unknown, 3));
        model.Save(file.Path);
        var refused = Assert.Throws<ModelFileException>(() => Sequential.Load(file.Path));
        Assert.Contains("cell kind 'wrong' is not registered; call RnnCell.Register(\"wrong\", …) before the model is loaded. Known are: jordan", refused.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => RnnCell.Register("jordan", _ => new WrongCell(4, 4)));
    }

    [Fact]
    public void Parameters_that_a_cell_cannot_use_are_refused()
    {
        var refused = Assert.Throws<ArgumentException>(() => Inference.Linear(Input, new Parameter("plain", new Shape(3, 4))));
        Assert.Equal("Linear: expected a matrix that a cell made with AddParameter, received 'plain' [3, 4]. (Parameter 'kernel')", refused.Message);
        Assert.Throws<ArgumentOutOfRangeException>(() => new JordanCell(0, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => new JordanCell(1, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => new MinGru(0));
    }

    /// <summary>Says 4 units and gives what it is told.</summary>
    private sealed class WrongCell(int outputs, int states) : RnnCell<RecurrentState>
    {
        public override string Kind => "wrong";

        public override int Units => 4;

        public override RecurrentState InitialState(int batch, Pass pass) => new(pass.Zeros(batch, 4));

        public override (Tensor Output, RecurrentState Next) Step(Tensor input, RecurrentState state, Pass pass) =>
            (pass.Zeros(input.Shape[0], outputs), new RecurrentState(pass.Zeros(input.Shape[0], states)));

        public override void WriteConfiguration(JsonObject configuration)
        {
        }

        protected override void CreateParameters(int inputs)
        {
        }
    }
}
