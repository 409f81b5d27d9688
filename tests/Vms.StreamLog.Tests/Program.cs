using Vms.StreamLog.Tests;
using Vms.StreamLog.Tests.Processes;
using Xunit.MicrosoftTestingPlatform;
using Xunit.Runner.InProc.SystemConsole;

// The test executable, or one of the processes its tests start: see Processes/.
if (args is ["child-writer", ..])
    return ChildWriter.Run(args[1..]);
if (args is ["child-reader", ..])
    return ChildReader.Run(args[1..]);
return args.Any(arg => arg is "--server" or "--internal-msbuild-node")
    ? await TestPlatformTestFramework.RunAsync(args, SelfRegisteredExtensions.AddSelfRegisteredExtensions)
    : await ConsoleRunner.Run(args);
