namespace Unroll.Tests.Support;

/// <summary>
/// A test that reads files of shared/data: skipped with its reason where one is absent, run (and so failed) where the
/// environment variable CI is true.
/// </summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class SharedDataFactAttribute : FactAttribute
{
    public SharedDataFactAttribute(params string[] files)
    {
        if (SharedData.IsRequired) return;
        string[] absent = [.. files.Where(file => !SharedData.Has(file))];
        if (absent.Length > 0) Skip = $"Needs shared/data beside the repository: {string.Join(", ", absent)}";
    }
}
