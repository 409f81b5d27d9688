using System.ComponentModel.DataAnnotations;
using System.Globalization;
using Microsoft.Extensions.Configuration;
using Vms.Hosting;

namespace Vms.Cli.Commands;

/// <summary>vms storage keys, vms storage rotate-key: the keys of encrypted recordings, from their files; a running recorder takes up a new one within
/// seconds. Exit code 0, 1 when keys cannot be opened, 2 when it could not be done, 64 for arguments that make no sense.</summary>
internal static class StorageKeys
{
    private const int LockedExitCode = 1;
    private const int NotDoneExitCode = 2;
    private const int UsageExitCode = 64;

    public static int List(string[] args, TextWriter output, TextWriter errors) => Run(args, errors, pool =>
    {
        var ring = PoolKeyring.Read(pool.KeysDirectory, pool.Name, pool.Copy);
        foreach (var key in ring.Keys)
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{key.Id:x16}  {key.CreatedAt:u}{(key == ring.Keys[^1] ? "  in use when encryption is on" : "")}"));
        if (ring.Keys.Count == 0)
            output.WriteLine("no keys: nothing was encrypted here");
        if (ring.Locked == 0)
            return 0;
        output.WriteLine($"{ring.Locked} more cannot be opened: their pool key is not in {pool.KeysDirectory}");
        return LockedExitCode;
    });

    public static int Rotate(string[] args, TextWriter output, TextWriter errors)
    {
        bool poolKey = args.Contains("--pool-key");
        return Run([.. args.Where(a => a != "--pool-key")], errors, pool =>
        {
            if (poolKey)
            {
                int wrapped = PoolKeyring.ReplacePoolKey(pool.KeysDirectory, pool.Name, pool.Copy);
                output.WriteLine($"{wrapped} keys are wrapped with a new pool key; back up {pool.KeysDirectory} now: copies of the former pool key open nothing any more");
                return 0;
            }

            var ring = PoolKeyring.AddKey(pool.KeysDirectory, pool.Name, pool.Copy, TimeProvider.System.GetUtcNow());
            output.WriteLine($"new recordings are encrypted with key {ring.Keys[^1].Id:x16}; those before stay readable");
            return 0;
        });
    }

    private static int Run(string[] args, TextWriter errors, Func<Pool, int> work)
    {
        string name = PoolKeyring.MainPool;
        string[] rest = args;
        if (Array.IndexOf(args, "--pool") is >= 0 and var at)
        {
            if (at + 1 == args.Length || !IsName(args[at + 1]))
            {
                errors.WriteLine("vms: --pool lacks the pool's name");
                return UsageExitCode;
            }

            name = args[at + 1];
            rest = [.. args[..at], .. args[(at + 2)..]];
        }

        if (CommandLineArguments.Parse(rest) is not ({ } configuration, false))
            return UsageExitCode;
        try
        {
            return work(Pool.Of(configuration, name));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidDataException or ValidationException)
        {
            errors.WriteLine($"vms: {e.Message}");
            return NotDoneExitCode;
        }
    }

    private static bool IsName(string text) => text.Length is > 0 and <= 64 && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_');

    private sealed record Pool(string Name, string KeysDirectory, string Copy)
    {
        /// <exception cref="ValidationException">There is no such pool, or storage.json makes no sense.</exception>
        public static Pool Of(IConfigurationRoot configuration, string name)
        {
            var options = PlaneOptions.From(configuration);
            string folder = name == StorageSettings.MainName
                ? options.RecordingsDirectory
                : StorageSettings.Load(options).Pools.FirstOrDefault(p => p.Name == name)?.Path
                    ?? throw new ValidationException($"{options.StorageSettingsFile} has no pool '{name}'");
            return new Pool(name, options.KeysDirectory, PoolKeyring.CopyIn(Path.Combine(folder, ".index")));
        }
    }
}
