namespace Unroll.Kernels.Attention;

/// <summary>One head of one sequence.</summary>
internal readonly struct AttentionPair
{
    public unsafe AttentionPair(in AttentionArguments arguments, int number)
    {
        Place = number / arguments.Heads;
        Head = number % arguments.Heads;
        Sequence = arguments.Queries.Rows.Sequence(Place);
        Queries = arguments.Queries.Rows.Length(Sequence);
        if (arguments.KeyPlaces == null) return; // all keys are in memory
        KeyPlace = arguments.KeyPlaces[Place];
        Keys = arguments.Keys.Rows.Length(Sequence);
    }

    /// <summary>The sequence's place among the queries' rows, and among the keys'.</summary>
    public int Place { get; }

    public int KeyPlace { get; }

    public int Head { get; }

    /// <summary>The sequence's number in the batch.</summary>
    public int Sequence { get; }

    /// <summary>How many queries the sequence has, and how many keys are given.</summary>
    public int Queries { get; }

    public int Keys { get; }
}
