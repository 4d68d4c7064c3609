using System.Text.Json.Nodes;
using Unroll.Autograd;
using Unroll.Basics;
using Unroll.Layers;
using Unroll.Ops;
using Unroll.Tensors;

namespace Unroll.Cli.Bench;

/// <summary>The LSTM as a user would write it, with the parameters of <see cref="Lstm"/>; gates i, f, g, o.</summary>
internal sealed class OwnLstmCell(int units) : RnnCell<RecurrentState>
{
    private Parameter _kernel = null!, _recurrentKernel = null!, _bias = null!;

    public override string Kind => "own_lstm";

    public override int Units => units;

    public static OwnLstmCell FromConfiguration(JsonObject configuration) => new((int)configuration["units"]!);

    public override void WriteConfiguration(JsonObject configuration) => configuration["units"] = units;

    public override RecurrentState InitialState(int batch, Pass pass) => new(pass.Zeros(batch, units), pass.Zeros(batch, units));

    public override (Tensor Output, RecurrentState Next) Step(Tensor input, RecurrentState state, Pass pass)
    {
        Tensor sums = pass.Add(pass.Linear(input, _kernel, _bias), pass.Linear(state.Hidden, _recurrentKernel));
        Tensor i = pass.Sigmoid(pass.Slice(sums, 0, units)), f = pass.Sigmoid(pass.Slice(sums, units, units));
        Tensor g = pass.Tanh(pass.Slice(sums, 2 * units, units)), o = pass.Sigmoid(pass.Slice(sums, 3 * units, units));
        Tensor carry = pass.Add(pass.Multiply(f, state.Carry!.Value), pass.Multiply(i, g));
        Tensor hidden = pass.Multiply(o, pass.Tanh(carry));
        return (hidden, new RecurrentState(hidden, carry));
    }

    protected override void CreateParameters(int inputs)
    {
        _kernel = AddParameter("kernel", new Shape(inputs, 4 * units), new GlorotUniform());
        _recurrentKernel = AddParameter("recurrent_kernel", new Shape(units, 4 * units), new Orthogonal());
        _bias = AddParameter("bias", new Shape(4 * units));
    }
}
