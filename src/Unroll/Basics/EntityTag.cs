namespace Unroll.Basics;

/// <summary>The names of tags in the schemes BIO and BIOES.</summary>
internal static class EntityTag
{
    /// <summary>Whether it is O, or one of B, I, E and S with a hyphen and a type.</summary>
    public static bool IsOne(string? name) => name == "O" || (name is { Length: > 2 } && name[1] == '-' && name[0] is 'B' or 'I' or 'E' or 'S');
}
