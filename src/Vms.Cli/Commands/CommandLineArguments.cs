using Microsoft.Extensions.Configuration;

namespace Vms.Cli.Commands;

/// <summary>Turns <c>--data DIR --port N</c> into the same settings that the environment has.</summary>
internal static class CommandLineArguments
{
    /// <returns>Null with a message on stderr when an argument is unknown or lacks its value.</returns>
    public static (IConfigurationRoot Configuration, bool Demo)? Parse(string[] args)
    {
        var settings = new Dictionary<string, string?>();
        var demo = false;
        for (var i = 0; i < args.Length; i++)
        {
            switch (args[i])
            {
                case "--demo":
                    demo = true;
                    break;
                case "--data" when i + 1 < args.Length:
                    settings["VMS_DATA"] = args[++i];
                    break;
                case "--port" when i + 1 < args.Length:
                    settings["VMS_HTTP_PORT"] = args[++i];
                    break;
                default:
                    Console.Error.WriteLine($"vms: '{args[i]}' is not understood here, or its value is missing");
                    return null;
            }
        }

        return (new ConfigurationBuilder().AddEnvironmentVariables().AddInMemoryCollection(settings).Build(), demo);
    }
}
