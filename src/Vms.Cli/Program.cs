using Vms.Cli.Commands;

return args switch
{
    ["up", .. var rest] => await Up.RunAsync(rest),
    ["status", .. var rest] => await Status.RunAsync(rest),
    ["verify", .. var rest] => Verify.Run(rest),
    ["guard", .. var rest] => Guard.Run(rest),
    ["version"] => Help.Version(),
    [] or ["help" or "--help" or "-h", ..] => Help.Show(),
    _ => Help.Unknown(args[0]),
};
