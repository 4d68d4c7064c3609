using System.Text.Json.Nodes;
using Unroll.Autograd;
using Unroll.Basics;
using Unroll.Layers;
using Unroll.Ops;
using Unroll.Tensors;

namespace Unroll.Models;

/// <summary>
/// A model as a layer of another: its parameters are the model's, behind the layer's name ("encoder/lstm/kernel"). Made by
/// <see cref="Network.AsLayer"/>, <see cref="LayerApplication"/> and <see cref="Sequential.Add(Network)"/>.
/// </summary>
public sealed class ModelLayer : Layer
{
    internal const string KindName = LayerCatalogue.ModelKind;

    internal ModelLayer(Network model)
        : base(model.Name is "sequential" or "model" ? null : model.Name) => Model = model; // names that nobody chose are numbered

    /// <summary>The model.</summary>
    public Network Model { get; }

    /// <inheritdoc/>
    public override string Kind => KindName;

    /// <inheritdoc/>
    public override Shape? KnownInputShape => Model.IsBuilt && Model.InputCount == 1 ? Model.InputShapeAt(0) : null;

    /// <inheritdoc/>
    public override Activation? FinalActivation => Model.OutputCount == 1 ? Model.FinalActivationOf(0) : null;

    /// <inheritdoc/>
    public override Shape OutputShapeOf(Shape input)
    {
        Shape[] outputs = Model.OutputShapesOf([input]);
        return outputs.Length == 1 ? outputs[0]
            : throw new ArgumentException($"{Title}: expected a model of one output here, found {outputs.Length}; use it in a functional model with OutputsOf.", nameof(input));
    }

    /// <inheritdoc/>
    public override Tensor Forward(Tensor input, Pass pass) => Model.Forward(input, pass);

    /// <inheritdoc/>
    public override Tensor ForwardBeforeActivation(Tensor input, Pass pass) => Model.ForwardBeforeActivation(input, pass);

    /// <inheritdoc/>
    public override void WriteConfiguration(JsonObject configuration)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        Model.RequireBuilt("save");
        NetworkDescription.Write(Model, configuration);
    }

    /// <summary>Takes the model's parameters over, in a graph, where it may have several inputs.</summary>
    internal void Build(LayerCall call)
    {
        if (IsBuilt) return;
        CreateParameters(call.Inputs[0].Shape, 0);
        MarkBuilt(call.Inputs[0].Shape, call.Outputs[0].Shape);
    }

    internal static ModelLayer FromConfiguration(JsonObject configuration) => NetworkDescription.Read(configuration).AsLayer();

    /// <inheritdoc/>
    protected override void CreateParameters(Shape input, ulong seed)
    {
        Model.BuildFor(input);
        for (int i = 0; i < Model.Parameters.Count; i++) AddParameter(Model.Parameters[i], Model.ParameterNames[i]);
    }
}
