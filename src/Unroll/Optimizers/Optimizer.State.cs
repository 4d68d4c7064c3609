using Unroll.Tensors;

namespace Unroll.Optimizers;

public abstract unsafe partial class Optimizer
{
    private const string IterationsName = "optimizer/iterations";
    private const string LearningRateName = "optimizer/learning_rate";
    private const string StepSlot = "step";

    // A double's bits as four whole numbers below 65,536: exact in float, and in any file that keeps floats.
    private const int PiecesOfDouble = 4;

    /// <summary>
    /// Everything that the next step depends on, for a checkpoint: the step count and learning rate, and for each
    /// parameter met so far its arrays, row-major, and its scalars.
    /// </summary>
    /// <param name="parameters">The model's; each name once. An array's name is the parameter's and the slot's: <c>"lstm/kernel/moment"</c>.</param>
    /// <exception cref="ArgumentException">Two parameters of one name.</exception>
    public IEnumerable<(string Name, float[] Values)> SaveState(IReadOnlyList<Parameter> parameters)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        var saved = new List<(string, float[])>
        {
            (IterationsName, Pieces([Iterations])),
            (LearningRateName, [LearningRate]),
        };
        foreach (Parameter parameter in ByName(parameters).Values)
        {
            if (!_states.TryGetValue(parameter, out OptimizerState? state)) continue;
            saved.Add(($"{parameter.Name}/{StepSlot}", Pieces([state.Step, .. state.Scalars])));
            for (int slot = 0; slot < _slotNames.Length; slot++)
                saved.Add(($"{parameter.Name}/{_slotNames[slot]}", parameter.Unpacked(state.SlotSpan(slot))));
        }
        return saved;
    }

    /// <summary>
    /// Replaces the state by one that <see cref="SaveState"/> gave; the next steps give the bits that they would have
    /// given there. Nothing changes when it is refused.
    /// </summary>
    /// <param name="parameters">The model's, with the names that they had then.</param>
    /// <param name="state">The arrays, in any order.</param>
    /// <exception cref="ArgumentException">An array is missing, unknown, or of another length; the message names it.</exception>
    public void LoadState(IReadOnlyList<Parameter> parameters, IEnumerable<(string Name, float[] Values)> state)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        ArgumentNullException.ThrowIfNull(state);
        var arrays = new Dictionary<string, float[]>(StringComparer.Ordinal);
        foreach ((string name, float[] values) in state)
            if (!arrays.TryAdd(name, values)) throw new ArgumentException($"Optimizer state: '{name}' comes twice.", nameof(state));

        double iterations = Doubles(Take(arrays, IterationsName, PiecesOfDouble), IterationsName)[0];
        float learningRate = Take(arrays, LearningRateName, 1)[0];
        var states = new Dictionary<Parameter, OptimizerState>();
        foreach (Parameter parameter in ByName(parameters).Values)
        {
            string stepName = $"{parameter.Name}/{StepSlot}";
            if (!arrays.ContainsKey(stepName)) continue;
            double[] scalars = Doubles(Take(arrays, stepName, PiecesOfDouble * (1 + _scalars)), stepName);
            var loaded = new OptimizerState(parameter.StorageLength, _slotNames.Length, _scalars) { Step = (long)scalars[0] };
            scalars.AsSpan(1).CopyTo(loaded.Scalars);
            for (int slot = 0; slot < _slotNames.Length; slot++)
            {
                float[] values = Take(arrays, $"{parameter.Name}/{_slotNames[slot]}", parameter.Count);
                parameter.Pack(values, loaded.SlotSpan(slot));
            }
            states.Add(parameter, loaded);
        }
        if (arrays.Count > 0)
            throw new ArgumentException($"Optimizer state: '{arrays.Keys.Order(StringComparer.Ordinal).First()}' belongs to no parameter and array of this {Name}; give the optimizer and model that it was saved with.", nameof(state));

        LearningRate = learningRate;
        Iterations = (long)iterations;
        _states.Clear();
        foreach ((Parameter parameter, OptimizerState loaded) in states) _states.Add(parameter, loaded);
    }

    private static Dictionary<string, Parameter> ByName(IReadOnlyList<Parameter> parameters)
    {
        var byName = new Dictionary<string, Parameter>(StringComparer.Ordinal);
        foreach (Parameter parameter in parameters)
            if (!byName.TryAdd(parameter.Name, parameter) && byName[parameter.Name] != parameter)
                throw new ArgumentException($"Optimizer state: two parameters are named '{parameter.Name}'; expected each name once.", nameof(parameters));
        return byName;
    }

    private float[] Take(Dictionary<string, float[]> arrays, string name, int length)
    {
        if (!arrays.Remove(name, out float[]? values))
            throw new ArgumentException($"Optimizer state: '{name}' is missing; expected {length} numbers for this {Name}.");
        if (values.Length != length)
            throw new ArgumentException($"Optimizer state: '{name}' has {values.Length} numbers; expected {length} for this {Name}.");
        return values;
    }

    private static float[] Pieces(ReadOnlySpan<double> values)
    {
        var pieces = new float[PiecesOfDouble * values.Length];
        for (int i = 0; i < pieces.Length; i++)
            pieces[i] = (ushort)(BitConverter.DoubleToUInt64Bits(values[i / PiecesOfDouble]) >> (48 - 16 * (i % PiecesOfDouble)));
        return pieces;
    }

    private static double[] Doubles(float[] pieces, string name)
    {
        var values = new double[pieces.Length / PiecesOfDouble];
        for (int i = 0; i < values.Length; i++)
        {
            ulong bits = 0;
            for (int piece = 0; piece < PiecesOfDouble; piece++)
            {
                float part = pieces[i * PiecesOfDouble + piece];
                if (!(part is >= 0 and <= 65535) || part != MathF.Truncate(part))
                    throw new ArgumentException($"Optimizer state: '{name}' holds {part.ToString(System.Globalization.CultureInfo.InvariantCulture)}; expected whole numbers from 0 to 65535.");
                bits = bits << 16 | (ushort)part;
            }
            values[i] = BitConverter.UInt64BitsToDouble(bits);
        }
        return values;
    }
}
