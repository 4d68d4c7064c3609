using Unroll.Autograd;
using Unroll.Basics;
using Unroll.Data;
using Unroll.Decoding;
using Unroll.Kernels.Layouts;
using Unroll.Layers;
using Unroll.Models;
using Unroll.Ops;
using Unroll.Tensors;

namespace Unroll.Inference;

/// <summary>
/// A batch of sources that an encoder–decoder model has read and now writes about, token by token, for
/// <see cref="BeamSearch"/> and <see cref="TokenGenerator"/>:
/// <c>BeamSearch.Run(new EncoderDecoderSession(model, sources), options)</c>. Sequences of one source share its memory. For one thread at a time.
/// </summary>
public sealed unsafe class EncoderDecoderSession : INextTokenModel
{
    private readonly AttentiveDecoder _decoder;
    private readonly SequenceLayout _queries = new(); // the rows of a source are its time steps
    private readonly BatchReader? _rowMemory;         // of attention that looks back: each row has a memory of its own
    private readonly Tensor _copied;                  // [B, Ts]: the sources' words, where they can be copied
    private readonly int[] _memoryLengths, _counts;   // of each source: the steps of its memory, and its rows
    private readonly Tensor[] _state;                 // of packed rows: that of the recurrence, then the attentional vector
    private Tape _tape = new(recording: false), _nextTape = new(recording: false); // the last step's, which holds the state, and the next one's
    private AttentionMemory _memory;
    private Tensor _weights;                          // [packed rows, Ts] of the last step
    private int[] _sourceOf, _packed;                 // of each row: its source, and its place among packed rows
    private int[]? _selected;                         // which rows the next step goes on with, where they are others

    /// <summary>Reads the sources.</summary>
    /// <param name="model">With one <see cref="AttentiveDecoder"/>, whose logits are an output and whose tokens an input.</param>
    /// <param name="sources">Its other inputs, in the model's order, of as many examples each; at least one.</param>
    /// <exception cref="ArgumentException">Another model, or sources that do not fit.</exception>
    public EncoderDecoderSession(Model model, params IReadOnlyList<Tensor> sources)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(sources);
        EncoderDecoderParts parts = EncoderDecoderParts.Of(model);
        _decoder = parts.Decoder;
        int batch = sources.Count == 0 || sources[0].Shape.Rank == 0 ? 0 : sources[0].Shape[0];
        if (batch == 0) throw new ArgumentException($"Model '{model.Name}': expected at least one source, received none.", nameof(sources));
        _sourceOf = [.. Enumerable.Range(0, batch)];
        var tape = new Tape(recording: false); // holds the memory as long as the session lives
        var pass = new Pass(tape);
        Tensor[] read = parts.Encoder.Forward(new BatchReader(sources).Read(_sourceOf, tape).Inputs, pass);
        _memory = _decoder.Attention.Remember(read[0], read[0], pass);
        int firstState = _decoder.FirstState - 1;
        if (firstState == 2) _copied = read[1];
        if (_decoder.Attention.LooksBack) _rowMemory = new BatchReader(_copied.IsDefault ? [_memory.Keys, _memory.Values] : [_memory.Keys, _memory.Values, _copied]);
        _memoryLengths = read[0].Layout is { } layout ? layout.Lengths.ToArray() : [.. _sourceOf.Select(_ => read[0].Shape[1])];
        var state = new Tensor[AttentiveDecoder.MostStates];
        int count = _decoder.Begin(read.AsSpan(firstState), batch, state, pass);
        _state = [.. state.AsSpan(0, count), pass.Zeros(batch, _decoder.Units)];
        (_packed, _counts) = (new int[batch], new int[batch]);
        Arrange();
    }

    /// <summary>Whether <see cref="AttentionOf"/> is answered, which costs a little at every step. Default false.</summary>
    public bool KeepsAttention { get; init; }

    /// <inheritdoc/>
    public int VocabularySize => _decoder.Outputs;

    /// <inheritdoc/>
    public int Rows => _selected?.Length ?? _sourceOf.Length;

    /// <inheritdoc/>
    public void Step(ReadOnlySpan<int> lastTokens, Span<float> logits)
    {
        int rows = Rows, vocabulary = VocabularySize;
        if (lastTokens.Length != rows) throw new ArgumentException($"Decoding: expected a token for each of {rows} rows, received {lastTokens.Length}.", nameof(lastTokens));
        if (logits.Length != rows * vocabulary) throw new ArgumentException($"Decoding: expected room for {rows} rows of {vocabulary} logits, received {logits.Length} numbers.", nameof(logits));
        _nextTape.Reset();
        var pass = new Pass(_nextTape);
        if (_selected is { } selected) GoOnWith(selected);
        _selected = null;
        SequenceLayout? queries = _rowMemory is null ? _queries : null;
        Tensor copied = _rowMemory is null ? _copied : ReadRows(_rowMemory, pass);
        Tensor ids = _nextTape.New(new Shape(rows, 1));
        for (int row = 0; row < rows; row++) ids.Storage[_packed[row]] = lastTokens[row];
        bool wantsWeights = KeepsAttention || !_copied.IsDefault;
        _state[^1] = _decoder.Step(_decoder.Embedded(ids, pass), _state.AsSpan(0, _state.Length - 1), _state[^1], queries, ref _memory, pass, wantsWeights, out _weights);
        ReadOnlySpan<float> numbers = _decoder.Logits(_state[^1], _weights, queries, copied, pass).Storage;
        for (int row = 0; row < rows; row++) numbers.Slice(_packed[row] * vocabulary, vocabulary).CopyTo(logits[(row * vocabulary)..]);
        (_tape, _nextTape) = (_nextTape, _tape);
    }

    /// <inheritdoc/>
    public void Select(ReadOnlySpan<int> sources)
    {
        int rows = Rows;
        int[] selected = sources.ToArray();
        foreach (int row in selected)
            if ((uint)row >= (uint)rows) throw new ArgumentException($"Decoding: expected rows from 0 to {rows - 1}, received {row}.", nameof(sources));
        _selected = _selected is { } before ? Array.ConvertAll(selected, row => before[row]) : selected;
    }

    /// <summary>How much a row attended to each step of its source in the last step. Empty without <see cref="KeepsAttention"/>.</summary>
    /// <param name="row">From 0; as it was numbered in that step.</param>
    public ReadOnlySpan<float> AttentionOf(int row) =>
        _weights.IsDefault ? default : _weights.Storage.Slice(_packed[row] * _weights.Features, _memoryLengths[_sourceOf[row]]);

    /// <summary>Makes rows of rows: their state goes on to the next step's tape.</summary>
    private void GoOnWith(int[] selected)
    {
        int[] packedBefore = _packed;
        _sourceOf = Array.ConvertAll(selected, row => _sourceOf[row]);
        _packed = new int[selected.Length];
        Arrange();
        int* from = (int*)_nextTape.Scratch(selected.Length);
        for (int row = 0; row < selected.Length; row++) from[_packed[row]] = packedBefore[selected[row]];
        foreach (ref Tensor state in _state.AsSpan()) state = SelectRowsOp.Of(_nextTape, state, from, selected.Length);
        if (_memory.Total.IsDefault) return;
        _memory = _memory with { Previous = SelectRowsOp.Of(_nextTape, _memory.Previous, from, selected.Length), Total = SelectRowsOp.Of(_nextTape, _memory.Total, from, selected.Length) };
    }

    /// <summary>Gives each row a memory of its own and the earlier weights that it gave to it; the words that it can copy.</summary>
    private Tensor ReadRows(BatchReader reader, Pass pass)
    {
        Tensor[] read = reader.Read(_sourceOf, _nextTape).Inputs;
        int places = read[0].Shape[1]; // fewer than before where the longest sources have ended
        Tensor Cut(Tensor weights) => weights.IsDefault ? default
            : ReshapeOp.Stored(_nextTape, weights.Features == places ? weights : pass.Slice(weights, 0, places), new Shape(_sourceOf.Length, 1, places), null);
        _memory = new AttentionMemory(read[0], read[1]) { Previous = Cut(_memory.Previous), Total = Cut(_memory.Total) };
        return read.Length > 2 ? read[2] : default;
    }

    /// <summary>Packs rows: first one of each source, then the second of each that has one, so that attention reads each memory once.</summary>
    private void Arrange()
    {
        if (_rowMemory is not null)
        {
            for (int row = 0; row < _packed.Length; row++) _packed[row] = row;
            return;
        }
        Array.Clear(_counts);
        foreach (int source in _sourceOf) _counts[source]++;
        _queries.Set(_counts, _counts.Max());
        var place = new int[_counts.Length];
        for (int r = 0; r < place.Length; r++) place[_queries.Order[r]] = r;
        Array.Clear(_counts);
        for (int row = 0; row < _sourceOf.Length; row++) _packed[row] = _queries.Offset(_counts[_sourceOf[row]]++) + place[_sourceOf[row]];
    }
}
