using System.Text.Json.Nodes;
using Unroll.Tensors;

namespace Unroll.Layers;

/// <summary>What a layer's user wants of its parameters besides first values: a cost in training and a constraint.</summary>
internal static class ParameterRules
{
    /// <summary>Sets both on a parameter that has its first values.</summary>
    /// <param name="parameter">The parameter.</param>
    /// <param name="regularizer">Its cost, or null.</param>
    /// <param name="constraint">Its constraint, or null.</param>
    /// <param name="layer">Its layer, for messages.</param>
    /// <param name="exceptRow">A row that stays zero by intent, or null.</param>
    /// <exception cref="ArgumentException">A constraint that cannot hold.</exception>
    public static Parameter Ruled(this Parameter parameter, Regularizer? regularizer, Constraint? constraint, Layer layer, int? exceptRow = null)
    {
        constraint?.Require(parameter, layer.Title, exceptRow);
        (parameter.Regularizer, parameter.Constraint) = (regularizer, constraint);
        return parameter;
    }

    /// <summary>Refuses rules for a bias that there is not.</summary>
    /// <exception cref="ArgumentException">A rule, and no bias.</exception>
    public static void RequireBias(bool useBias, Regularizer? regularizer, Constraint? constraint, Layer layer)
    {
        if (!useBias && (regularizer is not null || constraint is not null))
            throw new ArgumentException($"{layer.Title}: expected no {(regularizer is null ? "BiasConstraint" : "BiasRegularizer")}, since UseBias is false; leave it out, or give the layer a bias.");
    }

    /// <summary>Writes what <see cref="LayerSettings.Regularizer"/> reads; nothing for null.</summary>
    public static void Write(JsonObject configuration, string name, Regularizer? regularizer)
    {
        if (regularizer is not null) configuration[name] = new JsonObject { ["absolute"] = regularizer.Absolute, ["square"] = regularizer.Square };
    }

    /// <summary>Writes what <see cref="LayerSettings.Constraint"/> reads; nothing for null.</summary>
    public static void Write(JsonObject configuration, string name, Constraint? constraint)
    {
        if (constraint is null) return;
        var description = new JsonObject { ["name"] = constraint.Name };
        if (constraint.Name is "max_norm" or "min_max_norm") description["maximum"] = constraint.Maximum;
        if (constraint.Name == "min_max_norm") (description["minimum"], description["rate"]) = (constraint.Minimum, constraint.Rate);
        configuration[name] = description;
    }
}
