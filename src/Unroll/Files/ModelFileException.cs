namespace Unroll.Files;

/// <summary>
/// A model or tensor file that cannot be read as what it should be: cut short, damaged, of another format, or not
/// matching what was asked of it. The message names the file, the tensor where there is one, what was expected, what
/// was found and what to do.
/// </summary>
public sealed class ModelFileException : IOException
{
    /// <summary>An exception with its whole message.</summary>
    public ModelFileException(string message) : base(message)
    {
    }

    /// <summary>An exception with its whole message and its cause.</summary>
    public ModelFileException(string message, Exception? innerException) : base(message, innerException)
    {
    }
}
