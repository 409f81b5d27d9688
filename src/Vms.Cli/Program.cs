using Vms.Cli.Commands;

return args switch
{
    ["up", .. var rest] => await Up.RunAsync(rest),
    ["status", .. var rest] => await Status.RunAsync(rest, Console.Out, Console.Error),
    ["verify", .. var rest] => Verify.Run(rest),
    ["index", "check", .. var rest] => await IndexCheck.RunAsync(rest, Console.Out, Console.Error),
    ["index", "rebuild", .. var rest] => await IndexRebuild.RunAsync(rest, Console.Out, Console.Error),
    ["storage", "keys", .. var rest] => StorageKeys.List(rest, Console.Out, Console.Error),
    ["storage", "rotate-key", .. var rest] => StorageKeys.Rotate(rest, Console.Out, Console.Error),
    ["audit", "verify", .. var rest] => await AuditVerify.RunAsync(rest, Console.Out, Console.Error),
    ["user", .. var rest] => await User.RunAsync(rest, Console.In, Console.Out, Console.Error),
    ["models", .. var rest] => await Models.RunAsync(rest, Console.Error),
    ["guard", .. var rest] => Guard.Run(rest),
    ["version"] => Help.Version(),
    [] or ["help" or "--help" or "-h", ..] => Help.Show(),
    _ => Help.Unknown(args[0]),
};
