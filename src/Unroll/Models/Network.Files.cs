using Unroll.Files;
using Unroll.Optimizers;
using Unroll.Text;

namespace Unroll.Models;

public abstract partial class Network
{
    /// <summary>What <c>Compile</c> set; null before.</summary>
    internal CompileSettings? Compiled { get; set; }

    /// <summary>What makes the model's ids of text; kept in its file. Default null. Its vocabulary must fit the embedding.</summary>
    public Tokenizer? Tokenizer { get; set; }

    /// <summary>
    /// Writes the model to one safetensors file: weights by name, row-major; layers, settings, <see cref="Tokenizer"/> and
    /// <see cref="Extras"/> as JSON in its metadata. Equal models give equal bytes. The file is replaced as a whole or not at all.
    /// </summary>
    /// <exception cref="InvalidOperationException">The model is not built, so there is nothing to save; or the tokenizer has more tokens than the embedding has rows.</exception>
    /// <exception cref="IOException">The file cannot be written; the message has the path and the reason.</exception>
    public void Save(string path) => ModelFile.Save(this, path);

    /// <summary>Reads a model of either kind that <see cref="Save"/> wrote.</summary>
    /// <exception cref="ModelFileException">
    /// No such file, no model in it, a layer that is not known, or a tensor that is missing, left over or of another
    /// shape; the message names it with what was expected and found.
    /// </exception>
    public static Network Load(string path) => ModelFile.Load(path);

    /// <summary>Writes the weights alone, as <see cref="Save"/> does, without layers and settings.</summary>
    /// <exception cref="InvalidOperationException">The model is not built.</exception>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public void SaveWeights(string path) => WeightFile.Save(this, path);

    /// <summary>
    /// Replaces the weights by those of a file that <see cref="SaveWeights"/> or <see cref="Save"/> wrote. Nothing
    /// changes when it is refused.
    /// </summary>
    /// <exception cref="InvalidOperationException">The model is not built.</exception>
    /// <exception cref="ModelFileException">A tensor is missing, left over or of another shape.</exception>
    public void LoadWeights(string path) => WeightFile.Load(this, path);

    /// <summary>What <c>Compile</c> set; refuses what needs it before.</summary>
    internal CompileSettings RequireCompiled() => Compiled
        ?? throw new InvalidOperationException($"Model '{Name}' is not compiled; call Compile with an optimizer and a loss first.");

    /// <summary>What the model is trained with; refuses training where a file gave the model.</summary>
    internal Optimizer RequireOptimizer() => RequireCompiled().Optimizer
        ?? throw new InvalidOperationException($"Model '{Name}' was loaded from a file and has no optimizer; call Compile before training it further.");

    /// <summary>Refuses what needs parameters before there are any.</summary>
    internal void RequireBuilt(string what)
    {
        if (!IsBuilt)
            throw new InvalidOperationException($"Model '{Name}' is not built, so it has no weights to {what}; call Build with the input's shape, or train it first.");
    }
}
