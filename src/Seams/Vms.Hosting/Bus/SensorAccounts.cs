using System.Text.Json;

namespace Vms.Hosting;

/// <summary>Somebody who may publish on <c>vms.events.{site}.{id}.&gt;</c> and nothing else.</summary>
/// <param name="PasswordHash">bcrypt.</param>
public sealed record SensorAccount(string Id, string SiteId, string PasswordHash);

/// <summary>Accounts of sensors: control says which there are, the supervisor gives them to the nats-server that sensors connect to. By a file, so that each works
/// while the other is away.</summary>
public static class SensorAccounts
{
    /// <summary>The account of control on that server.</summary>
    public const string ControlUser = "control";

    /// <summary>Of the file: some thousand accounts.</summary>
    public const int MaxFileBytes = 1 << 20;

    public static string FileOf(PlaneOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return Path.Combine(options.StateDirectory, "sensors.json");
    }

    /// <returns>Whether that changed anything.</returns>
    public static bool Write(PlaneOptions options, IReadOnlyList<SensorAccount> accounts)
    {
        var bytes = JsonSerializer.SerializeToUtf8Bytes(accounts, JsonSerializerOptions.Web);
        var file = FileOf(options);
        if (File.Exists(file) && File.ReadAllBytes(file).AsSpan().SequenceEqual(bytes))
            return false;
        PrivateFiles.CreateDirectory(options.StateDirectory);
        PrivateFiles.Replace(file, bytes);
        return true;
    }

    /// <summary>None where there is no file yet.</summary>
    /// <exception cref="IOException">The file cannot be read, or is none of ours.</exception>
    public static IReadOnlyList<SensorAccount> Read(PlaneOptions options)
    {
        var file = new FileInfo(FileOf(options));
        if (!file.Exists)
            return [];
        if (file.Length > MaxFileBytes)
            throw new IOException($"{file.FullName} has more than {MaxFileBytes} bytes");
        try
        {
            return JsonSerializer.Deserialize<SensorAccount[]>(File.ReadAllBytes(file.FullName), JsonSerializerOptions.Web) ?? [];
        }
        catch (JsonException e)
        {
            throw new IOException($"{file.FullName} is damaged ({e.Message})", e);
        }
    }
}
