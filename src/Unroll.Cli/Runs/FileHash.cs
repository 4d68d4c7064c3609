using System.Security.Cryptography;

namespace Unroll.Cli.Runs;

/// <summary>What a file held, for a run's configuration.</summary>
internal static class FileHash
{
    /// <summary>"sha256:" and the hash of the file's bytes in hexadecimal.</summary>
    public static string Of(string path)
    {
        using FileStream file = File.OpenRead(path);
        return "sha256:" + Convert.ToHexStringLower(SHA256.HashData(file));
    }
}
