namespace Unroll.Tensors;

/// <summary>A note on a tensor whose rows are rows of a table: an operation on it may work on the table's rows, each once, instead.</summary>
/// <param name="Table">[V, U], row-major; null on any other tensor.</param>
/// <param name="Ids">Which row of the table each stored row is.</param>
/// <param name="Padding">The row of the table that gets no gradient, or −1.</param>
internal readonly record struct TableLookup(Parameter? Table, Tensor Ids, int Padding);
