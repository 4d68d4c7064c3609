using System.Text.Json.Nodes;

namespace Unroll.Layers;

/// <summary>Makes recurrent layers from their configurations.</summary>
internal static class RecurrentMakers
{
    public static Layer SimpleRnn(JsonObject from) => new SimpleRnn(Units(from), Text(from, "activation"), Flag(from, "return_sequences"))
    {
        GoBackwards = Flag(from, "go_backwards"),
        UseBias = Flag(from, "use_bias"),
        SeparateBiases = Flag(from, "separate_biases"),
        Dropout = Share(from, "dropout"),
    };

    public static Layer Lstm(JsonObject from) => new Lstm(Units(from), Flag(from, "return_sequences"))
    {
        GoBackwards = Flag(from, "go_backwards"),
        UseBias = Flag(from, "use_bias"),
        SeparateBiases = Flag(from, "separate_biases"),
        Dropout = Share(from, "dropout"),
        UnitForgetBias = Flag(from, "unit_forget_bias"),
    };

    public static Layer PeepholeLstm(JsonObject from) => new PeepholeLstm(Units(from), Flag(from, "return_sequences"))
    {
        GoBackwards = Flag(from, "go_backwards"),
        UseBias = Flag(from, "use_bias"),
        SeparateBiases = Flag(from, "separate_biases"),
        Dropout = Share(from, "dropout"),
        UnitForgetBias = Flag(from, "unit_forget_bias"),
    };

    public static Layer Gru(JsonObject from) => new Gru(Units(from), Flag(from, "return_sequences"))
    {
        GoBackwards = Flag(from, "go_backwards"),
        UseBias = Flag(from, "use_bias"),
        SeparateBiases = Flag(from, "separate_biases"),
        Dropout = Share(from, "dropout"),
        ResetAfter = Flag(from, "reset_after"),
    };

    private static int Units(JsonObject from) => Setting<int>(from, "units");

    private static bool Flag(JsonObject from, string name) => Setting<bool>(from, name);

    private static float Share(JsonObject from, string name) => Setting<float>(from, name);

    private static string Text(JsonObject from, string name) => Setting<string>(from, name);

    private static T Setting<T>(JsonObject from, string name) =>
        from[name] is JsonValue value && value.TryGetValue(out T? setting)
            ? setting
            : throw new InvalidDataException($"A recurrent layer's setting '{name}': expected a {typeof(T).Name}, found {from[name]?.ToJsonString() ?? "nothing"}.");
}
